// People sign in at a real OIDC provider that nobody here wrote (oidc-provider), where Authentik's would be: with the code
// flow and PKCE, as whom the provider says, once; and nobody is signed in where it names no uuid or does not know the bot.
// Usage: node oidc_login.mjs <emulator binary> <bot binary>; exits 0 or 1.
import assert from 'node:assert/strict'
import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { programs } from './programs.mjs'
import { start, until } from './sandbox.mjs'

// The packages lie where the run installed them, not beside this file.
const require = createRequire(join(process.cwd(), 'package.json'))
const { Provider } = await import(pathToFileURL(require.resolve('oidc-provider')).href)

const SLUG = 'seqn-chatops'
const PUBLIC = 'https://chatops.seqn.example'

const own = await programs('oidc-login')
const sandbox = await start(process.argv[2])
const server = createServer()
/** Who sits before the browser, as the provider knows them. */
let who = randomUUID()
/** What the provider takes for the bot's secret. */
const secret = sandbox.at.secrets.AUTHENTIK_LOGIN_SECRET

async function mount() {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const root = `http://127.0.0.1:${server.address().port}`
  const issuer = `${root}/application/o/${SLUG}/`
  const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })
  const provider = new Provider(issuer, {
    jwks: { keys: [key] },
    clients: [{
      client_id: SLUG,
      client_secret: secret,
      redirect_uris: [`${PUBLIC}/login/callback`],
      response_types: ['code'],
      grant_types: ['authorization_code'],
      token_endpoint_auth_method: 'client_secret_basic',
      id_token_signed_response_alg: 'ES256',
    }],
    cookies: { keys: [randomUUID()] },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    findAccount: (_, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    loadExistingGrant: async (ctx) => {
      const grant = new ctx.oidc.provider.Grant({ clientId: SLUG, accountId: ctx.oidc.session.accountId })
      grant.addOIDCScope('openid')
      await grant.save()
      return grant
    },
  })
  const answer = provider.callback()
  server.on('request', async (request, response) => {
    if (request.url.startsWith('/interaction/')) {
      return provider.interactionFinished(request, response, { login: { accountId: who } })
    }
    const [, rest] = /^\/application\/o\/seqn-chatops(\/.*)$/.exec(request.url) ?? []
    if (!rest) return response.writeHead(404).end()
    // As a framework does that mounts it: the rest is the provider's, the whole stays known.
    Object.assign(request, { originalUrl: request.url, url: rest })
    return answer(request, response)
  })
  return issuer
}

async function bot(issuer) {
  const { settings } = await sandbox.ask(`settings ${join(own.folder, 'bot.sqlite')}`)
  const config = join(own.folder, 'bot.toml')
  const more = `
[identity]
source = "authentik"
[identity.login]
issuer = "${issuer}"
client_id = "${SLUG}"
client_secret = { env = "AUTHENTIK_LOGIN_SECRET" }
public_url = "${PUBLIC}"
[health]
listen = "127.0.0.1:0"
`
  await writeFile(config, settings + more)
  const running = own.program(process.argv[3], ['run', '--config', config], sandbox.at.secrets)
  const address = await own.address(running, /health\.address=([0-9.:]+)/)
  await sandbox.ask('discord connected')
  return address
}

/** Follows the provider with its cookies until it sends the browser back to the bot. */
async function through(first) {
  const jar = new Map()
  for (let url = first; ;) {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await fetch(url, { redirect: 'manual', headers: { cookie } })
    for (const set of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(set)
      jar.set(name, value)
    }
    const to = answer.headers.get('location')
    assert.ok(to, `the provider answers ${answer.status}: ${await answer.text()}`)
    const next = new URL(to, url)
    if (next.href.startsWith(PUBLIC)) return next
    url = next.href
  }
}

/** Eve asks for a link, opens it, signs in and comes back: the last page. */
async function signsIn(address, number) {
  await sandbox.ask('discord eve types support /staff login')
  const links = (shown) => [...shown.text.matchAll(/\/login\?state=([0-9a-f]+)/g)].map(([, state]) => state)
  const states = await until('each time another link', async () => {
    const all = [...new Set((await sandbox.sees('discord', 'eve')).flatMap(links))]
    return all.length === number && all
  })
  const page = await fetch(`http://${address}/login?state=${states.at(-1)}`)
  assert.equal(page.status, 200)
  for (const [name, value] of [['cache-control', 'no-store'], ['referrer-policy', 'no-referrer']]) {
    assert.equal(page.headers.get(name), value)
  }
  assert.equal(page.headers.getSetCookie().length, 0, 'the bot sets no cookie')
  const [, link] = /<a href="([^"]+)"/.exec(await page.text())
  const back = await through(link.replaceAll('&amp;', '&'))
  const here = `http://${address}${back.pathname}${back.search}`
  const last = await fetch(here)
  return { status: last.status, text: await last.text(), again: async () => (await fetch(here)).status }
}

async function play() {
  const address = await bot(await mount())
  const fine = await signsIn(address, 1)
  assert.equal(fine.status, 200, fine.text)
  await sandbox.waitFor('discord', 'mira', 'who signed in', (shown) => shown.text.includes(who))
  assert.equal(await fine.again(), 410, 'a link works once')

  who = 'eve'
  const nameless = await signsIn(address, 2)
  assert.equal(nameless.status, 502)
  assert.match(nameless.text, /User&#39;s UUID/)
}

try {
  await play()
} finally {
  sandbox.stop()
  server.closeAllConnections()
  server.close()
  await own.end()
}
console.log('oidc_login: signed in with code and PKCE once, as whom the provider names by uuid, and else not')
