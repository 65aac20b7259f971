// A real Alertmanager reports to the bot: what fires, what is repeated, what is resolved, with a wrong token, and while the
// bot is away. Usage: node alertmanager.mjs <emulator binary> <bot binary> <command that starts an Alertmanager>
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { alertmanager, programs } from './programs.mjs'
import { start, until } from './sandbox.mjs'

/** How often the same is reported again, in the words of Alertmanager. */
const AGAIN = '1s'
/** So many reports of one alert have come when it was surely repeated. */
const REPEATED = 3

const own = await programs('alertmanager')
const sandbox = await start(process.argv[2])

async function bot(listen) {
  const { settings } = await sandbox.ask(`settings ${join(own.folder, 'bot.sqlite')}`)
  const config = join(own.folder, 'bot.toml')
  const more = `\n[alerts.alertmanager]\ntoken = { env = "ALERTMANAGER_TOKEN" }\n[health]\nlisten = "${listen}"\n`
  await writeFile(config, settings + more)
  const running = own.program(process.argv[3], ['run', '--config', config], sandbox.at.secrets)
  const address = await own.address(running, /health\.address=([0-9.:]+)/)
  await sandbox.ask('discord connected')
  return { ...running, address, log: () => running.log }
}

/** Where Alertmanager reports to: the bot, with its token and with another one. */
function receivers(address) {
  const token = sandbox.at.secrets.ALERTMANAGER_TOKEN
  const receiver = (name, credentials) => `
  - name: ${name}
    webhook_configs:
      - url: http://${address}/alertmanager
        send_resolved: true
        http_config: { authorization: { credentials: "${credentials}" } }`
  return `
route:
  receiver: chatops
  group_by: [alertname]
  group_wait: 0s
  group_interval: ${AGAIN}
  repeat_interval: ${AGAIN}
  routes:
    - matchers: ['alertname="Stranger"']
      receiver: stranger
receivers:${receiver('chatops', token)}${receiver('stranger', `${token}x`)}
`
}

const seen = async () => (await sandbox.sees('discord', 'kim')).filter((shown) => !shown.gone)
const counted = async (what) => (await seen()).filter((shown) => shown.text.includes(what)).length
const proposed = (what) => sandbox.waitFor('discord', 'kim', what, (shown) => shown.text.includes(what))

async function metric(base, name) {
  const page = await (await fetch(`${base}/metrics`)).text()
  const line = page.split('\n').find((one) => one.startsWith(name))
  return line ? Number(line.split(' ').at(-1)) : 0
}

async function play() {
  let running = await bot('127.0.0.1:0')
  const { at, tell } = await alertmanager(own, process.argv[4], receivers(running.address))
  const metrics = `http://${running.address}`
  const taken = () => metric(metrics, 'seqn_chatops_alertmanager_reports_total{outcome="taken"}')

  const slow = { alertname: 'SignInSlow', severity: 'critical', instance: 'api:4080' }
  const startsAt = new Date(Date.now() - 60_000).toISOString()
  await tell(slow, { startsAt })
  await proposed('An incident is proposed: SignInSlow is there (sev1)')
  await until('it is repeated', async () => (await taken()) >= REPEATED)
  assert.equal(await counted('SignInSlow'), 1, 'what is repeated is proposed once')

  await tell(slow, { startsAt, endsAt: new Date().toISOString() })
  await proposed('It no longer fails: SignInSlow is there (sev1)')
  assert.equal(await counted('SignInSlow'), 1, 'in the same message')
  console.log('what fires is proposed, what is repeated is not, what is resolved is said in the same message')

  await tell({ alertname: 'Stranger', severity: 'critical' })
  const failed = 'alertmanager_notifications_failed_total{integration="webhook"}'
  await until('Alertmanager sees that it is refused', async () => (await metric(at, failed)) > 0)
  assert.ok((await metric(metrics, 'seqn_chatops_alertmanager_reports_total{outcome="refused"}')) > 0)
  assert.equal(await counted('Stranger'), 0, 'nothing of a stranger is shown')
  console.log('with a wrong token nothing is taken, and Alertmanager counts it as failed')

  const { address } = running
  const ended = once(running.child, 'exit')
  running.child.kill('SIGTERM')
  await ended
  const key = ['sk', 'live', 'a1B2c3D4e5F6g7H8i9J0k1L2'].join('_')
  await tell({ alertname: 'DiskFull', severity: 'warning', instance: key })
  running = await bot(address)
  await proposed('An incident is proposed: DiskFull is there (sev3)')
  assert.ok(!JSON.stringify(await seen()).includes(key), 'a secret in a label is not shown')
  assert.ok(!running.log().includes(key), 'and not logged')
  console.log('what was reported while the bot was away comes again, and a secret in a label is withheld')
}

try {
  await play()
} finally {
  sandbox.stop()
  await own.end()
}
