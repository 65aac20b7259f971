// The real bot against a Discord that nobody here wrote (discord-digital-twin): READY, commands, defer, edit,
// button, modal, and a clean end.
// Usage: node discord_twin.mjs <emulator binary> <bot binary>; exits 0 or 1.
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { PATIENCE_MS, start, until } from './sandbox.mjs'

// The packages lie where the run installed them, not beside this file.
const twinAt = join(process.cwd(), 'node_modules/discord-digital-twin/dist/index.js')
const { DigitalDiscord } = await import(pathToFileURL(twinAt).href)

/** A text channel of a server. */
const TEXT = 0
/** What a new connection is told first: READY, and the server. */
const READY_EVENTS = 2
/** The callback that opens a form. */
const MODAL = 9

/** What the catalog says is to be registered: a command for each family. */
const catalog = JSON.parse(execFileSync(process.argv[3], ['commands', '--format', 'discord-json'], { encoding: 'utf8' }))
const folder = await mkdtemp(join(tmpdir(), 'seqn-twin-'))
const sandbox = await start(process.argv[2])
const { discord: ids, secrets } = sandbox.at
const twin = new DigitalDiscord({
  guild: { id: ids.guild, name: 'SEQN' },
  channels: Object.entries(ids.channels).map(([name, id]) => ({ id, name, type: TEXT })),
  users: Object.entries(ids.people).map(([username, id]) => ({ id, username })),
  botUser: { id: ids.app, username: 'seqn' },
  botToken: secrets.DISCORD_TOKEN,
  dbUrl: `file:${join(folder, 'twin.db')}`,
})
let bot
let log = ''

/** The twin cannot list commands, which Discord can: this answers that from its database and passes on the rest. */
const front = createServer(async (request, response) => {
  const listing = request.method === 'GET' && /\/applications\/\d+(?:\/guilds\/(\d+))?\/commands(?:\?|$)/.exec(request.url)
  if (listing) {
    const all = await twin.prisma.applicationCommand.findMany({ where: { guildId: listing[1] ?? null } })
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(all.map(({ id, name, description, type }) => ({ id, name, description, type }))))
    return
  }
  const parts = []
  for await (const part of request) parts.push(part)
  const { authorization, 'content-type': type } = request.headers
  const headers = { ...(authorization && { authorization }), ...(type && { 'content-type': type }) }
  const body = parts.length > 0 ? Buffer.concat(parts) : undefined
  const heard = await fetch(`${twinRoot()}${request.url}`, { method: request.method, headers, body })
  response.writeHead(heard.status, { 'content-type': heard.headers.get('content-type') ?? 'text/plain' })
  response.end(heard.status === 204 ? undefined : Buffer.from(await heard.arrayBuffer()))
})
const twinRoot = () => twin.restUrl.replace(/\/api$/, '')

async function startBot() {
  await twin.start()
  front.listen(0, '127.0.0.1')
  await once(front, 'listening')
  const { settings } = await sandbox.ask(`settings ${join(folder, 'bot.sqlite')}`)
  const config = join(folder, 'bot.toml')
  const root = `http://127.0.0.1:${front.address().port}`
  await writeFile(config, settings.replaceAll(ids.gateway, twin.gatewayUrl).replaceAll(ids.api, root))
  // No proxy of this machine may stand between loopback and loopback.
  bot = spawn(process.argv[3], ['run', '--config', config], { env: { ...secrets, PATH: process.env.PATH } })
  for (const stream of [bot.stdout, bot.stderr]) stream.on('data', (text) => { log += text })
}

const option = (name, value) => ({ name, type: 3, value })
const kim = () => twin.channel(ids.channels.support).user(ids.people.kim)
const original = (token) => fetch(`${twin.restUrl}/v10/webhooks/${ids.app}/${token}/messages/@original`, {
  headers: { authorization: `Bot ${secrets.DISCORD_TOKEN}` },
})
const words = (message) => JSON.stringify([message.content, message.embeds, message.components])

/** Types a sub-command of that family and waits until the bot has answered at all. */
async function types(name, options = [], family = 'seqn') {
  const asked = await kim().runSlashCommand({ name: family, options: [{ name, type: 1, options }], guildId: ids.guild })
  const ack = await twin.channel(ids.channels.support).waitForInteractionAck({ interactionId: asked.id })
  return { ...asked, ack }
}

/** Waits until the answer to an interaction holds that text, and gives it. */
function answered(token, text) {
  return until(`the answer "${text}"`, async () => {
    const heard = await original(token)
    if (!heard.ok) return undefined
    const message = await heard.json()
    return words(message).includes(text) ? message : undefined
  }, async () => `${await (await original(token)).text()}\n${log}`)
}

function buttons(message) {
  const found = []
  const walk = (part) => {
    if (part.custom_id && part.type === 2) found.push(part)
    for (const inner of part.components ?? []) walk(inner)
  }
  walk(message)
  return found
}

async function stateOf(session) {
  const url = `${sandbox.at.seqn}/v1/organizations/acme/sessions?email=jo@acme.example`
  const heard = await fetch(url, { headers: { authorization: `Bearer ${secrets.SEQN_READ_TOKEN}` } })
  return (await heard.json()).sessions.find((one) => one.id === session)?.status
}

async function play() {
  await startBot()
  const commands = await until('commands', async () => {
    const all = await twin.prisma.applicationCommand.findMany({ where: { guildId: null } })
    return all.length >= catalog.length ? all : undefined
  }, async () => log)
  assert.deepEqual(commands.map((command) => command.name).sort(), catalog.map((command) => command.name).sort())
  // What the twin tells before the bot has identified itself is lost: it keeps nothing for later.
  await until('READY', async () => twin.server.gateway.clients.some((client) => client.sequence >= READY_EVENTS), async () => log)

  const who = await types('whoami')
  await answered(who.token, 'You are Kim')

  const cases = await types('list', [option('state', 'open')], 'case')
  await answered(cases.token, 'There is no open case.')

  const form = await types('revoke-session')
  assert.equal(form.ack.type, MODAL, 'a bare command opens a form')

  assert.equal(await stateOf('ses_jo_laptop'), 'active')
  const asked = await types('revoke-session', [
    option('org', 'acme'), option('user', 'jo@acme.example'), option('session', 'latest'),
    option('ticket', 'SUP-1234'), option('reason', 'lost laptop'),
  ])
  const preview = await answered(asked.token, 'End one session of jo@acme.example in acme?')
  const confirm = buttons(preview).find((button) => button.label === 'Confirm')
  assert.ok(confirm, words(preview))
  const press = await kim().clickButton({ messageId: preview.id, customId: confirm.custom_id, guildId: ids.guild })
  await twin.channel(ids.channels.support).waitForInteractionAck({ interactionId: press.id })
  await until('the session ends', async () => (await stateOf('ses_jo_laptop')) === 'revoked', async () => log)
  await until('the public line', async () => {
    const messages = await twin.channel(ids.channels.support).getMessages()
    return messages.some((message) => words(message).includes('end 1 session of j•••@acme.example in acme'))
  }, async () => log)

  const ended = new Promise((resolve) => { bot.once('exit', resolve) })
  bot.kill('SIGTERM')
  assert.equal(await ended, 0, `the bot ends cleanly\n${log}`)
  for (const secret of Object.values(secrets)) assert.ok(!log.includes(secret), 'the log holds a credential')
}

// Something that hangs is a failure too.
setTimeout(() => {
  console.error(`discord_twin: not in time\n${log}`)
  bot?.kill('SIGKILL')
  process.exit(1)
}, 4 * PATIENCE_MS).unref()
try {
  await play()
  console.log('discord_twin: READY, commands, defer, edit, modal, button, end: all as with Discord')
} catch (error) {
  console.error(error, log)
  process.exitCode = 1
} finally {
  if (bot?.exitCode === null) bot.kill('SIGKILL')
  sandbox.stop()
  front.closeAllConnections()
  front.close()
  await twin.stop()
  await twin.prisma.$disconnect()
  await rm(folder, { recursive: true, force: true })
}
