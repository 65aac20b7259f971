// A real Alertmanager reports to the bot: what fires, what is repeated, what is resolved, with a wrong token, and while the
// bot is away. Usage: node alertmanager.mjs <emulator binary> <bot binary> <command that starts an Alertmanager>
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { start, until } from './sandbox.mjs'

/** How often the same is reported again, in the words of Alertmanager. */
const AGAIN = '1s'
/** So many reports of one alert have come when it was surely repeated. */
const REPEATED = 3

const folder = await mkdtemp(join(tmpdir(), 'alertmanager-'))
const sandbox = await start(process.argv[2])
const children = []

/** A program whose output is kept. No proxy of this machine may stand between loopback and loopback. */
function program(path, words, env = {}) {
  const child = spawn(path, words, { env: { ...env, PATH: process.env.PATH, HOME: folder } })
  const running = { child, log: '' }
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => { running.log += text })
  children.push(child)
  return running
}

async function bot(listen) {
  const { settings } = await sandbox.ask(`settings ${join(folder, 'bot.sqlite')}`)
  const config = join(folder, 'bot.toml')
  const more = `\n[alerts.alertmanager]\ntoken = { env = "ALERTMANAGER_TOKEN" }\n[health]\nlisten = "${listen}"\n`
  await writeFile(config, settings + more)
  const running = program(process.argv[3], ['run', '--config', config], sandbox.at.secrets)
  const said = () => /health\.address=([0-9.:]+)/.exec(running.log)
  const [, address] = await until('the bot says where it listens', async () => said(), async () => running.log)
  await sandbox.ask('discord connected')
  return { ...running, address, log: () => running.log }
}

async function alertmanager(address) {
  const token = sandbox.at.secrets.ALERTMANAGER_TOKEN
  const receiver = (name, credentials) => `
  - name: ${name}
    webhook_configs:
      - url: http://${address}/alertmanager
        send_resolved: true
        http_config: { authorization: { credentials: "${credentials}" } }`
  const config = join(folder, 'alertmanager.yml')
  await writeFile(config, `
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
`)
  const running = program(process.argv[4], [
    `--config.file=${config}`, `--storage.path=${join(folder, 'alertmanager')}`,
    '--web.listen-address=127.0.0.1:0', '--cluster.listen-address=',
  ])
  const said = () => /Listening on.*address=([0-9.:]+)/.exec(running.log)
  const [, at] = await until('Alertmanager says where it listens', async () => said(), async () => running.log)
  return `http://${at}`
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
  const at = await alertmanager(running.address)
  const tell = async (labels, more = {}) => {
    const alert = { labels, annotations: { summary: `${labels.alertname} is there` }, ...more }
    const answer = await fetch(`${at}/api/v2/alerts`, {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify([alert]),
    })
    assert.equal(answer.status, 200, await answer.text())
  }
  const own = `http://${running.address}`
  const taken = () => metric(own, 'seqn_chatops_alertmanager_reports_total{outcome="taken"}')

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
  assert.ok((await metric(own, 'seqn_chatops_alertmanager_reports_total{outcome="refused"}')) > 0)
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
  for (const child of children.filter((one) => one.exitCode === null && one.signalCode === null)) {
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    await ended
  }
  await rm(folder, { recursive: true, force: true })
}
