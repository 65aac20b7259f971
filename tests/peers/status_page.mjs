// The built-in status page in a real Chromium, and before other projects' judges: HTML, accessibility, Atom, Statuspage.
// The bot writes it in its sandbox while people open, update and close an incident; each state of it is looked at, as a
// person sees it on a phone and on a desk, in the light and in the dark, with scripts and without. A judge that passes
// everything is blind: broken copies of the page have to be refused by the judge that they are broken for.
// Usage: node status_page.mjs <bot binary> <python with feedparser> <Statuspage's description>; exits 0 or 1.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { start } from './chromium.mjs'
import { broken } from './page_broken.mjs'
import * as files from './page_files.mjs'
import { all, history, SCENES } from './page_scenes.mjs'
import * as seen from './page_seen.mjs'
import { PATIENCE_MS, until } from './sandbox.mjs'
import { open } from './terminal.mjs'

/** Where the sandbox says that the page is. */
const ADDRESS = 'https://status.seqn.example'
/** How wide the screens are, in px. */
const PHONE = 390
const DESK = 1280
/** How much of the terminal is shown when something is wrong, in letters. */
const LOG_SHOWN = 4000
const folder = await mkdtemp(join(tmpdir(), 'seqn-page-'))
const [, , binary, python, description] = process.argv
const statuspage = files.statuspage(JSON.parse(readFileSync(description, 'utf8')))
const bot = open(binary, join(folder, 'bot.sqlite'))
let browser

/** The site as it lies in its folder now: names and texts. What the bot keeps for itself is not of it. */
function written() {
  const root = join(folder, 'bot.status-page')
  const found = readdirSync(root, { recursive: true, withFileTypes: true }).filter((one) => one.isFile())
  const paths = found.map((one) => join(one.parentPath ?? one.path, one.name))
  const names = paths.map((path) => [relative(root, path), path]).filter(([name]) => !/^state|\.new$/.test(name))
  return new Map(names.map(([name, path]) => [name, readFileSync(path, 'utf8')]))
}

const pages = (site) => [...site.keys()].filter((name) => name.endsWith('.html')).sort()
/** The page of the incident of that title. */
const pageOf = (site, title) => {
  const html = title.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  return pages(site).find((name) => name !== 'index.html' && site.get(name).includes(`<h2 id="title">${html}</h2>`))
}

/** How a judge looks at one page of a site. */
const look = (how, see) => (site, name) => browser.look(site, name, { dark: false, width: PHONE, ...how }, see)

/** The judges of a page; each gives a list of what is wrong. */
const OF_A_PAGE = {
  fits: look({}, (page) => seen.fits(page, PHONE)),
  'fits on a desk': look({ width: DESK }, (page) => seen.fits(page, DESK)),
  'readable in the light': look({}, (page) => seen.readable(page, false)),
  'readable in the dark': look({ dark: true }, (page) => seen.readable(page, true)),
  'skips to the content': look({}, seen.skips),
  'accessible in the light': look({ lax: true }, seen.accessible),
  'accessible in the dark': look({ lax: true, dark: true }, seen.accessible),
  'asks nobody': look({}, (_, asked) => asked),
  'needs no script': async (site, name) => {
    const [without, withScripts] = [
      await look({ script: false }, seen.text)(site, name),
      await look({}, seen.text)(site, name),
    ]
    return without === withScripts && without !== '' ? [] : ['it reads otherwise when scripts may run']
  },
  still: (site, name) => files.still(site.get(name)),
  valid: (site, name) => files.valid(site.get(name)),
  linked: (site, name) => files.linked(site, name),
}

/** The judges of a site, at a state of the story. `before` is the feed of the state before it. */
const OF_A_SITE = {
  tells: (site, { at }) => tells(site, at),
  feed: async (site) => files.feed(site, ADDRESS, await tree(site)),
  'feed goes on': async (site, { before }) => (before ? files.later(before, await tree(site)) : []),
  'feed tells': (site, { at }) => feedTells(site, at),
  'feed is read': (site, { at }) => feedIsRead(site, at),
  summary: (site) => statuspage('api/v2/summary.json', site.get('api/v2/summary.json')),
  incidents: (site) => statuspage('api/v2/incidents.json', site.get('api/v2/incidents.json')),
  'summary tells': (site, { at }) => summaryTells(site, at),
}

/** The feed as the browser's XML parser reads it. */
const tree = (site) => look({}, (page) => seen.tree(page, site.get('feed.atom')))(site, 'index.html')

/** The index and each incident's page say how it stands and what was said, the newest on top. */
async function tells(site, at) {
  const wrong = []
  const index = await look({}, seen.told)(site, 'index.html')
  if (index.state !== SCENES[at].state) wrong.push(`the index says: ${index.state}`)
  const current = index.incidents.map(({ title, state }) => `${title}: ${state}`)
  const expected = SCENES[at].incidents.map(([title, state]) => `${title}: ${state}`)
  if (current.join() !== expected.join()) wrong.push(`the index has: ${current}`)
  const past = (SCENES[at].past ?? []).every(([title], here) => index.past[here]?.startsWith(title))
  if (!past || index.past.length !== (SCENES[at].past ?? []).length)
    wrong.push(`the index has of the past: ${index.past}`)
  for (const [title, state] of all(at)) {
    const {
      incidents: [one],
    } = await look({}, seen.told)(site, pageOf(site, title))
    if (one.title !== title || one.state !== state) wrong.push(`the page of ${title} says: ${one.title}: ${one.state}`)
    const said = history(title, at)
    const fits = one.updates.every(
      ({ says }, here) => says.startsWith(`${said[here]?.[1]}: `) && says.includes(said[here][2]),
    )
    if (!fits || one.updates.length !== said.length)
      wrong.push(`the page of ${title} tells otherwise: ${JSON.stringify(one.updates)}`)
    const moments = one.updates.map((update) => Date.parse(update.at))
    if (moments.some((moment, here) => !(moment < (moments[here - 1] ?? Infinity))))
      wrong.push(`the times of ${title} are not in order`)
  }
  return wrong
}

/** Each entry of the feed holds what was said, the newest first. */
async function feedTells(site, at) {
  const wrong = []
  const contents = files.contents(await tree(site))
  for (const [title] of all(at)) {
    const found = await look({}, (page) => seen.paragraphs(page, contents.get(title) ?? ''))(site, 'index.html')
    const places = history(title, at).map(([, state, text]) =>
      found.findIndex(
        (line, here) =>
          line.startsWith(`${state}, `) &&
          found
            .slice(here + 1, here + 4)
            .join('\n')
            .includes(text),
      ),
    )
    if (places.some((place, here) => place <= (places[here - 1] ?? -1))) wrong.push(`${title}: ${JSON.stringify(found)}`)
  }
  return wrong
}

/** feedparser reads it without a complaint, and finds each incident. */
function feedIsRead(site, at) {
  const input = JSON.stringify([site.get('feed.atom')])
  const reader = join(dirname(fileURLToPath(import.meta.url)), 'feed_reader.py')
  const [found] = JSON.parse(execFileSync(python, [reader], { input, encoding: 'utf8' }))
  const wrong = found.bozo === null ? [] : [`feedparser says: ${found.bozo}`]
  if (found.version !== 'atom10' || !found.title)
    wrong.push(`feedparser reads a ${found.version} with the title ${found.title}`)
  if (found.entries.length !== all(at).length) wrong.push(`feedparser finds ${found.entries.length} entries`)
  for (const { id, link, moments, content } of found.entries) {
    if (!id || id !== link || !moments || content.length !== 1) wrong.push(`feedparser reads little of ${id}`)
  }
  return wrong
}

/** Programs are told the same. */
function summaryTells(site, at) {
  const { status, incidents } = JSON.parse(site.get('api/v2/summary.json'))
  const wrong = status.description === SCENES[at].state ? [] : [`the summary says: ${status.description}`]
  const found = incidents.map((one) => [one.name, one.status, one.incident_updates.map((update) => update.status)])
  const expected = SCENES[at].incidents.map(([title, state]) => [
    title,
    state.toLowerCase(),
    history(title, at).map(([, then]) => then.toLowerCase()),
  ])
  if (JSON.stringify(found) !== JSON.stringify(expected)) wrong.push(`the summary has: ${JSON.stringify(found)}`)
  return wrong
}

/** Plays a scene, and waits until the page tells its last word. The index is written last. */
async function played({ typed, incidents, past = [] }) {
  for (const line of typed) await bot.types(line)
  const last = [...incidents, ...past].map(([, , text]) => text)
  return until(
    `the page says: ${last}`,
    async () => {
      const site = written()
      const told = site.get('api/v2/incidents.json')
      const whole = site.get('index.html').includes(`Last change: <time datetime="${JSON.parse(told).page.updated_at}">`)
      return whole && last.every((text) => told.includes(text)) ? site : undefined
    },
    async () => bot.log(),
  )
}

async function play() {
  browser = await start(join(folder, 'chromium'), ADDRESS)
  await bot.ready()
  let before
  for (const [at, scene] of SCENES.entries()) {
    const site = await played(scene)
    const moment = { at, before }
    for (const [name, judge] of Object.entries(OF_A_SITE))
      assert.deepEqual(await judge(site, moment), [], `${name}, scene ${at}`)
    for (const file of pages(site)) {
      for (const [name, judge] of Object.entries(OF_A_PAGE))
        assert.deepEqual(await judge(site, file), [], `${name}: ${file}, scene ${at}`)
    }
    // The last state has most on it: its copies are broken in every way.
    if (at === SCENES.length - 1) await refused(site, moment)
    before = await tree(site)
  }
}

/** Each broken copy is refused by its judge, for its reason, and every judge refuses one at least. */
async function refused(site, moment) {
  const judges = { ...OF_A_PAGE, ...OF_A_SITE }
  const incident = pageOf(site, all(moment.at)[1][0])
  const copies = broken(incident)
  const blind = []
  for (const { judge, file, how, change, says } of copies) {
    const copy = new Map(site).set(file, change(site.get(file)))
    const wrong = await (judge in OF_A_PAGE ? judges[judge](copy, file) : judges[judge](copy, moment))
    if (copy.get(file) === site.get(file)) blind.push(`${judge}: ${how}: nothing was broken`)
    else if (!wrong.some((line) => says.test(line))) blind.push(`${judge}: ${how}: ${JSON.stringify(wrong)}`)
  }
  const idle = Object.keys(judges).filter((name) => !copies.some(({ judge }) => judge === name))
  assert.deepEqual([blind, idle], [[], []], 'each broken copy is refused, and each judge has refused something')
  console.log(
    `status_page: ${SCENES.length} states of the page pass ${Object.keys(judges).length} judges in Chromium ` +
      `${browser.version}, and ${copies.length} broken copies are refused`,
  )
}

// Something that hangs is a failure too.
setTimeout(() => {
  console.error(`status_page: not in time\n${bot.log()}`)
  process.exit(1)
}, 7 * PATIENCE_MS).unref()
try {
  await play()
} catch (error) {
  console.error(error, bot.log().slice(-LOG_SHOWN))
  process.exitCode = 1
} finally {
  bot.stop()
  await browser?.close()
  await rm(folder, { recursive: true, force: true })
}
