// A real OIDC provider that nobody here wrote (oidc-provider), where Authentik's would be: the bot must find a sound one
// well, and must say what is wrong with one that calls itself otherwise, has no keys, is not there, or is gone.
// Usage: node oidc_provider.mjs <emulator binary> <bot binary>; exits 0 or 1.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { PATIENCE_MS, start } from './sandbox.mjs'

// The packages lie where the run installed them, not beside this file.
const require = createRequire(join(process.cwd(), 'package.json'))
const { Provider } = await import(pathToFileURL(require.resolve('oidc-provider')).href)

const folder = await mkdtemp(join(tmpdir(), 'seqn-oidc-'))
const sandbox = await start(process.argv[2])
const server = createServer()
let log = ''
let bot

/** A key pair of that kind, as a provider keeps it. */
const key = (kind, options) => generateKeyPairSync(kind, options).privateKey.export({ format: 'jwk' })

/** Mounts a provider where Authentik mounts an application's, under what it calls itself. */
function mounted(root, slug, keys, issuer = `${root}/application/o/${slug}/`) {
  return [slug, new Provider(issuer, { jwks: { keys }, features: { devInteractions: { enabled: false } } }).callback()]
}

async function mount() {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const root = `http://127.0.0.1:${server.address().port}`
  const pair = [key('rsa', { modulusLength: 2048 }), key('ec', { namedCurve: 'P-256' })]
  const providers = new Map([
    mounted(root, 'silver-auth', pair),
    mounted(root, 'elsewhere', pair, 'https://elsewhere.example/application/o/elsewhere/'),
    mounted(root, 'moved', pair, `${root}/application/o/moved`),
    mounted(root, 'keyless', []),
  ])
  server.on('request', (request, response) => {
    const [, slug, rest] = /^\/application\/o\/([a-z-]+)(\/.*)$/.exec(request.url) ?? []
    const answer = providers.get(slug)
    if (!answer) return response.writeHead(404).end()
    // As a framework does that mounts it: the rest is the provider's, the whole stays known.
    Object.assign(request, { originalUrl: request.url, url: rest })
    return answer(request, response)
  })
  return root
}

/** The configuration with which the bot asks that issuer; everything else is the sandbox. */
async function configured(issuer) {
  const { settings } = await sandbox.ask(`settings ${join(folder, 'bot.sqlite')}`)
  const config = join(folder, 'bot.toml')
  const own = `${sandbox.at.authentik}/application/o/silver-auth/`
  assert.ok(settings.includes(own), 'the sandbox names its issuer')
  await writeFile(config, settings.replace(own, issuer))
  return config
}

// No proxy of this machine may stand between loopback and loopback.
const program = (...words) => spawn(process.argv[3], words, { env: { ...sandbox.at.secrets, PATH: process.env.PATH } })

/** What `check --online` says of that issuer, and how it ends. */
async function checked(issuer) {
  const child = program('check', '--online', '--config', await configured(issuer))
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => { text += part })
  const [code] = await once(child, 'close')
  const says = text.split('\n').find((line) => line.includes('OIDC issuer: '))
  assert.ok(says, text)
  return { code, says: says.trim(), text }
}

async function play() {
  const root = await mount()
  const at = (slug) => `${root}/application/o/${slug}/`

  const sound = await checked(at('silver-auth'))
  assert.equal(sound.says, 'ok   OIDC issuer: It is right and has 2 signing key(s).')
  assert.equal(sound.code, 0, sound.text)

  for (const [slug, wrong] of [
    ['elsewhere', 'does not call itself'],
    ['moved', 'does not call itself'],
    ['keyless', 'publishes no keys'],
    ['nowhere', '404'],
  ]) {
    const found = await checked(at(slug))
    assert.ok(found.says.startsWith('FAIL ') && found.says.includes(wrong), `${slug}: ${found.says}`)
    assert.equal(found.code, 1, found.text)
  }

  bot = program('run', '--config', await configured(at('silver-auth')))
  for (const stream of [bot.stdout, bot.stderr]) stream.on('data', (text) => { log += text })
  await sandbox.ask('discord connected')
  const health = async (says) => {
    await sandbox.ask('discord kim types support /seqn health')
    await sandbox.waitFor('discord', 'kim', says, (shown) => shown.text.includes(says))
  }
  await health('The issuer is right and has 2 signing key(s).')
  server.closeAllConnections()
  server.close()
  await health('OIDC discovery. Authentik could not be reached')

  const ended = once(bot, 'exit')
  bot.kill('SIGTERM')
  assert.equal((await ended)[0], 0, `the bot ends cleanly\n${log}`)
}

// Something that hangs is a failure too.
setTimeout(() => {
  console.error(`oidc_provider: not in time\n${log}`)
  bot?.kill('SIGKILL')
  process.exit(1)
}, 4 * PATIENCE_MS).unref()
try {
  await play()
  console.log('oidc_provider: discovery and keys found well, and each broken provider told from a sound one')
} catch (error) {
  console.error(error, log)
  process.exitCode = 1
} finally {
  if (bot?.exitCode === null) bot.kill('SIGKILL')
  sandbox.stop()
  server.closeAllConnections()
  server.close()
  await rm(folder, { recursive: true, force: true })
}
