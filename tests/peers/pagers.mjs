// What a real Alertmanager sends to PagerDuty and to Opsgenie is the measure of what the bot sends to them: the same
// doors, the same headers, and every field that both send of the same kind.
// Usage: node pagers.mjs <emulator binary> <bot binary> <command that starts an Alertmanager>
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { alertmanager, programs } from './programs.mjs'
import { start, until } from './sandbox.mjs'

/** What Alertmanager sends of its own, and what the bot has no use for. */
const NOT_OURS = new Set(['client_url', 'images', 'links', 'note', 'responders', 'entity', 'actions'])

const own = await programs('pagers')
const sandbox = await start(process.argv[2])
const calls = []

/** Takes whatever comes, as both services do; the first part of a path says who sends. */
const server = createServer((request, response) => {
  let text = ''
  request.on('data', (part) => { text += part })
  request.on('end', () => {
    const [, who, path] = /^\/([a-z]+)(\/.*)$/.exec(request.url)
    const { authorization = '', 'content-type': type = '' } = request.headers
    calls.push({ who, method: request.method, path, scheme: authorization.split(' ')[0], type, body: JSON.parse(text) })
    response.writeHead(202, { 'content-type': 'application/json' })
    const body = { status: 'success', message: 'Event processed', dedup_key: 'k', result: 'Request will be processed' }
    response.end(JSON.stringify({ ...body, took: 0.1, requestId: '43a29c5c-3dbf-4fa4-9c26-f4f71023e120' }))
  })
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
const root = `http://127.0.0.1:${server.address().port}`

async function bot() {
  const { settings } = await sandbox.ask(`settings ${join(own.folder, 'bot.sqlite')}`)
  let config = settings
  for (const kind of ['pagerduty', 'opsgenie']) {
    const base = new RegExp(`(kind = "${kind}"\nbase = )"[^"]*"`)
    assert.match(config, base)
    config = config.replace(base, `$1"${root}/bot"`)
  }
  await writeFile(join(own.folder, 'bot.toml'), config)
  const running = own.program(process.argv[3], ['run', '--config', join(own.folder, 'bot.toml')], sandbox.at.secrets)
  await Promise.race([sandbox.ask('discord connected'), once(running.child, 'exit').then(() => assert.fail(running.log))])
}

/** What Alertmanager tells both pagers, at the recorder. */
const RECEIVERS = `
route: { receiver: pagers, group_by: [alertname], group_wait: 0s, group_interval: 1s, repeat_interval: 1h }
receivers:
  - name: pagers
    pagerduty_configs: [{ routing_key: made-up, url: "${root}/am/v2/enqueue" }]
    opsgenie_configs: [{ api_key: made-up, api_url: "${root}/am/", tags: "seqn,sev1", priority: P1 }]
`

/** The four deeds, by where they come in and what they say. */
const DEEDS = {
  'PagerDuty trigger': (call) => call.path === '/v2/enqueue' && call.body.event_action === 'trigger',
  'PagerDuty resolve': (call) => call.path === '/v2/enqueue' && call.body.event_action === 'resolve',
  'Opsgenie create': (call) => call.path === '/v2/alerts',
  'Opsgenie close': (call) => /^\/v2\/alerts\/[^/]+\/close\?identifierType=alias$/.test(call.path),
}

const sent = (who, deed) => until(`${who}: ${deed}`, async () => calls.find((call) => call.who === who && DEEDS[deed](call)),
  async () => JSON.stringify(calls))

const kind = (value) => (Array.isArray(value) ? 'list' : value === null ? 'null' : typeof value)

/** What of the bot's call is otherwise than in Alertmanager's. */
function differs(ours, theirs, deed) {
  const wrong = []
  for (const part of ['method', 'scheme', 'type']) {
    if (ours[part] !== theirs[part]) wrong.push(`${part}: ${ours[part]}, not ${theirs[part]}`)
  }
  const into = (mine, other, at) => {
    for (const [name, value] of Object.entries(other)) {
      // PagerDuty reads a payload of a trigger only; details are each sender's own.
      const unread = deed === 'PagerDuty resolve' && (name === 'payload' || name === 'client')
      if (NOT_OURS.has(name) || unread) continue
      if (kind(mine[name]) !== kind(value)) wrong.push(`${at}${name}: ${kind(mine[name])}, not ${kind(value)}`)
      else if (kind(value) === 'object' && !/details$/.test(name)) into(mine[name], value, `${at}${name}.`)
    }
  }
  into(ours.body, theirs.body, '')
  return wrong
}

async function play() {
  await bot()
  const { tell } = await alertmanager(own, process.argv[4], RECEIVERS)
  const labels = { alertname: 'SignInSlow', severity: 'critical' }
  const presses = async (what) => {
    await sandbox.waitFor('discord', 'kim', what, (shown) => shown.text.includes(what) && shown.buttons.includes('Confirm'))
    await sandbox.ask('discord kim presses Confirm')
  }
  await tell(labels)
  await sandbox.ask('discord kim types support /incident open "Sign-in is slow" severity=sev1 impact="it takes 30 s" ' +
    'routes=/auth/login mitigation="we look"')
  await presses('Open an incident')
  for (const who of ['am', 'bot']) for (const deed of ['PagerDuty trigger', 'Opsgenie create']) await sent(who, deed)
  await tell(labels, { startsAt: new Date(Date.now() - 60_000).toISOString(), endsAt: new Date().toISOString() })
  await sandbox.ask('discord kim types support /incident update "all is well" phase=resolved incident=INC-1')
  await presses('Send this update')

  for (const deed of Object.keys(DEEDS)) {
    const [ours, theirs] = [await sent('bot', deed), await sent('am', deed)]
    assert.deepEqual(differs(ours, theirs, deed), [], deed)
    // Each check can fail: a body without a field that both send, one of another kind, another header.
    const names = Object.keys(theirs.body).filter((name) => name in ours.body && !NOT_OURS.has(name))
    assert.ok(names.length > 0, `${deed}: nothing is compared`)
    for (const name of names.filter((one) => deed !== 'PagerDuty resolve' || one !== 'client')) {
      const broken = [{ ...ours.body, [name]: undefined }, { ...ours.body, [name]: [[]] }]
      for (const body of broken.slice(0, kind(ours.body[name]) === 'list' ? 1 : 2)) {
        assert.notDeepEqual(differs({ ...ours, body }, theirs, deed), [], `${deed} without a sound ${name} is refused`)
      }
    }
    assert.notDeepEqual(differs({ ...ours, type: 'text/plain' }, theirs, deed), [], `${deed} as text is refused`)
    console.log(`${deed}: as Alertmanager sends it (${names.join(', ')})`)
  }
}

try {
  await play()
} finally {
  sandbox.stop()
  server.close()
  await own.end()
}
