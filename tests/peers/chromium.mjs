// A real Chromium without a window, from a package that carries it: nothing is installed on the machine, its own fonts and
// libraries come along. It is shown a site that lies in memory, under the address that the site has on the Internet.
// Whatever a page asks of any other place is written down and refused: nothing leaves this machine.
import { createReadStream, createWriteStream } from 'node:fs'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, extname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createBrotliDecompress } from 'node:zlib'

// The packages lie where the run installed them, not beside this file.
const require = createRequire(join(process.cwd(), 'package.json'))
const { chromium } = require('playwright-core')
const tar = createRequire(require.resolve('@sparticuz/chromium'))('tar-fs')

/** How long a page may take, in ms. */
const PAGE_MS = 20_000
/** How high a phone is, in px: it says what stands on the first screen, nothing else. */
const HIGH = 844
/** What a web server says each file is. */
const KINDS = { '.html': 'text/html', '.atom': 'application/atom+xml', '.json': 'application/json' }

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // What is not answered here is found nowhere.
  '--host-resolver-rules=MAP * ~NOTFOUND',
]

/** Unpacks the browser into that folder, and says how to start it. */
async function unpacked(folder) {
  const packed = join(dirname(require.resolve('@sparticuz/chromium')), '..', '..', 'bin')
  const unpack = (name, ...into) => pipeline(createReadStream(join(packed, name)), createBrotliDecompress(), ...into)
  const program = join(folder, 'chromium')
  const files = () => tar.extract(folder, { chown: false })
  await mkdir(folder, { recursive: true })
  await Promise.all([
    unpack('chromium.br', createWriteStream(program)),
    unpack('al2023.tar.br', files()),
    unpack('fonts.tar.br', files()),
  ])
  await chmod(program, 0o755)
  await writeFile(
    join(folder, 'fonts.conf'),
    `<?xml version="1.0"?>\n<fontconfig><dir>${folder}/fonts</dir><cachedir>${folder}/cache</cachedir></fontconfig>\n`,
  )
  const env = { ...process.env, FONTCONFIG_FILE: join(folder, 'fonts.conf'), LD_LIBRARY_PATH: join(folder, 'lib') }
  return { executablePath: program, env }
}

/** Starts the browser, unpacked into that folder. `address` is where the site is on the Internet. */
export async function start(folder, address) {
  const browser = await chromium.launch({ ...(await unpacked(folder)), args: FLAGS, timeout: PAGE_MS })
  const eyes = new Map()
  return {
    version: browser.version(),
    close: () => browser.close(),
    /**
     * Opens a file of the site (a map of names and texts), and gives what `see` makes of it. `how`: `dark`, `width`,
     * `script` (whether scripts may run) and `lax` (whether a judge's own script may run against the page's policy).
     */
    async look(site, name, how, see) {
      const key = JSON.stringify(how)
      if (!eyes.has(key)) eyes.set(key, await eye(browser, address, how))
      const { page, now } = eyes.get(key)
      Object.assign(now, { site, asked: [] })
      await page.goto(`${address}/${name}`)
      return see(page, now.asked)
    },
  }
}

/** A page that looks in one way. `now` is the site that it is shown, and what the site asked for in vain. */
async function eye(browser, address, how) {
  const context = await browser.newContext({
    viewport: { width: how.width, height: HIGH },
    deviceScaleFactor: 2,
    isMobile: how.width < HIGH,
    colorScheme: how.dark ? 'dark' : 'light',
    javaScriptEnabled: how.script ?? true,
    bypassCSP: how.lax ?? false,
    serviceWorkers: 'block',
  })
  const now = { site: new Map(), asked: [] }
  const page = await context.newPage()
  page.setDefaultTimeout(PAGE_MS)
  // What its own policy or the browser did not let it do is written to the console.
  page.on('console', (line) => line.type() === 'error' && now.asked.push(line.text()))
  page.on('pageerror', (error) => now.asked.push(String(error)))
  await context.route('**/*', (route) => {
    const url = route.request().url()
    const file = url.startsWith(`${address}/`) ? url.slice(address.length + 1) : undefined
    if (now.site.has(file)) return route.fulfill({ body: now.site.get(file), contentType: KINDS[extname(file)] })
    now.asked.push(`it asked for ${url}`)
    return route.abort()
  })
  return { page, now }
}
