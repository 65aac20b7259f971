// What programs read of the status page: the HTML as the standard's parser takes it, its links, the Atom feed (RFC 4287) and
// the JSON in Statuspage's words. Each judge says what is wrong, as a list: nothing wrong is an empty one.
import { createRequire } from 'node:module'
import { join, posix } from 'node:path'
import { pathToFileURL } from 'node:url'

const require = createRequire(join(process.cwd(), 'package.json'))
const { parse } = await import(pathToFileURL(require.resolve('parse5')).href)
const { HtmlValidate } = require('html-validate')
const Ajv = require('ajv')

const ATOM = 'http://www.w3.org/2005/Atom'
/** A moment as RFC 3339 has it and RFC 4287 wants it: `T` and `Z` are large. */
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/
/** Elements that run something, or bring something from elsewhere. */
const ACTIVE = [
  'script',
  'noscript',
  'iframe',
  'frame',
  'object',
  'embed',
  'applet',
  'img',
  'video',
  'audio',
  'form',
  'base',
]

const validator = new HtmlValidate({ root: true, extends: ['html-validate:standard'] })

/** Every element of a document, the whole of it. */
function elements(html) {
  const all = (node) => [node, ...(node.childNodes ?? []).flatMap(all)]
  return all(parse(html)).filter((node) => node.attrs)
}

const attribute = (element, name) => element.attrs.find((one) => one.name === name)?.value

/** The HTML has no errors: for the standard's own parser, and for another project's validator. */
export async function valid(html) {
  const wrong = []
  parse(html, { onParseError: ({ code, startLine }) => wrong.push(`${code} in line ${startLine}`) })
  const { results } = await validator.validateString(html)
  const messages = results.flatMap((result) => result.messages)
  return [...wrong, ...messages.map(({ ruleId, message, line }) => `${ruleId} in line ${line}: ${message}`)]
}

/** Nothing in it runs, and nothing in it is fetched. */
export function still(html) {
  const wrong = []
  for (const element of elements(html)) {
    const name = element.tagName
    if (ACTIVE.includes(name)) wrong.push(`there is a <${name}>`)
    if (name === 'link' && attribute(element, 'rel') !== 'alternate')
      wrong.push(`a <link> is ${attribute(element, 'rel')}`)
    if (name === 'meta' && attribute(element, 'http-equiv') === 'refresh') wrong.push('it loads itself anew')
    for (const { name: key, value } of element.attrs) {
      if (key.startsWith('on') || /^\s*javascript:/i.test(value)) wrong.push(`<${name} ${key}> runs something`)
    }
  }
  if (!html.includes("default-src 'none'")) wrong.push('its policy does not forbid everything else')
  return wrong
}

/** Whatever it points to is a file of the site. */
export function linked(site, name) {
  const targets = elements(site.get(name))
    .map((element) => attribute(element, 'href'))
    .filter((href) => href !== undefined)
  const files = targets.filter((href) => !href.startsWith('#')).map((href) => posix.join(posix.dirname(name), href))
  return files.filter((file) => !site.has(file)).map((file) => `${file} is not there`)
}

/** The feed has what RFC 4287 asks for, once each, and says where its files are. */
export function feed(site, address, root) {
  if (root.broken) return [`it is no XML: ${root.broken}`]
  if (root.name !== 'feed' || root.space !== ATOM) return ['it is no Atom feed']
  const entries = those(root, 'entry')
  const wrong = [root, ...entries].flatMap((element) => entry(site, address, element))
  const ids = [root, ...entries].map((element) => said(element, 'id'))
  if (new Set(ids).size < ids.length) wrong.push('two have one id')
  if (those(root, 'author').length !== 1 || !said(those(root, 'author')[0], 'name')) wrong.push('the feed has no author')
  if (links(root, 'self').length !== 1) wrong.push('the feed does not say where it is itself')
  for (const one of entries) {
    if (moment(one, 'updated') > moment(root, 'updated')) wrong.push(`${said(one, 'id')} is newer than the feed`)
    if (moment(one, 'published') > moment(one, 'updated')) wrong.push(`${said(one, 'id')} is older than its first day`)
    const content = those(one, 'content')
    if (content.length !== 1 || content[0].attributes.type !== 'html')
      wrong.push(`${said(one, 'id')} has no content in HTML`)
  }
  return wrong
}

/** What a feed and an entry both need. */
function entry(site, address, element) {
  const wrong = []
  const name = `the ${element.name} ${said(element, 'id')}`
  for (const needed of ['id', 'title', 'updated']) {
    const found = those(element, needed)
    if (found.length !== 1) wrong.push(`${name} has ${found.length} of <${needed}>`)
    else if (found[0].text.trim() === '') wrong.push(`${name} has an empty <${needed}>`)
  }
  if (!URL.canParse(said(element, 'id') ?? '')) wrong.push(`${name} has an id that is no IRI`)
  for (const key of ['updated', 'published']) {
    const bad = those(element, key).filter(({ text }) => !MOMENT.test(text) || Number.isNaN(Date.parse(text)))
    if (bad.length > 0) wrong.push(`${name}: <${key}> is no moment of RFC 3339`)
  }
  if (links(element, 'alternate').length !== 1) wrong.push(`${name} does not lead to one page`)
  for (const { attributes } of those(element, 'link')) {
    const file = attributes.href?.startsWith(`${address}/`) && attributes.href.slice(address.length + 1)
    if (!site.has(file)) wrong.push(`${name} leads to ${attributes.href}, which is not there`)
  }
  return wrong
}

/** A later state of the same feed: every id is there still, nothing went back in time, and something new is said. */
export function later(before, after) {
  const wrong = []
  const entries = (root) => [root, ...those(root, 'entry')]
  for (const old of entries(before)) {
    const now = entries(after).find((one) => said(one, 'id') === said(old, 'id'))
    if (!now) wrong.push(`${said(old, 'id')} is gone`)
    else if (moment(now, 'updated') < moment(old, 'updated')) wrong.push(`${said(old, 'id')} went back in time`)
    else if (said(now, 'published') !== said(old, 'published')) wrong.push(`${said(old, 'id')} was published twice`)
  }
  if (!(moment(after, 'updated') > moment(before, 'updated'))) wrong.push('the feed does not say that it is new')
  return wrong
}

const those = (element, name) => element.children.filter((child) => child.name === name && child.space === ATOM)
const said = (element, name) => those(element, name)[0]?.text
const moment = (element, name) => Date.parse(said(element, name))
const links = (element, rel) => those(element, 'link').filter(({ attributes }) => (attributes.rel ?? 'alternate') === rel)

/** The HTML inside of each entry, by its title. */
export const contents = (root) => new Map(those(root, 'entry').map((one) => [said(one, 'title'), said(one, 'content')]))

/** What every reader of a Statuspage looks at; Statuspage's description has no words for it. */
const SUMMARY = {
  type: 'object',
  required: ['page', 'status', 'components', 'incidents', 'scheduled_maintenances'],
  properties: {
    status: {
      type: 'object',
      required: ['indicator', 'description'],
      properties: {
        indicator: { enum: ['none', 'minor', 'major', 'critical'] },
        description: { type: 'string', minLength: 1 },
      },
    },
    components: { type: 'array' },
    scheduled_maintenances: { type: 'array' },
  },
}
const NEEDED = {
  Page: ['id', 'name', 'url', 'time_zone', 'updated_at'],
  Incident: ['id', 'page_id', 'name', 'status', 'impact', 'shortlink', 'created_at', 'updated_at', 'incident_updates'],
  IncidentUpdate: ['id', 'incident_id', 'status', 'body', 'created_at', 'display_at', 'updated_at'],
}
/** What the pages of Statuspage show of an incident beside what its description names. */
const ALSO = ['started_at']
/** Moments that Statuspage gives as null until they come. */
const NOT_YET = ['monitoring_at', 'resolved_at']

/** The judge of `summary.json` and `incidents.json`, from Statuspage's own description. */
export function statuspage(description) {
  const ajv = new Ajv({ strict: false, logger: false, formats: { 'date-time': MOMENT, date: true, int32: true } })
  const plain = (value) => {
    if (Array.isArray(value)) return value.map(plain)
    if (value === null || typeof value !== 'object') return value
    const inner = Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one)]))
    // It once says "Object" where JSON Schema says "object".
    return typeof inner.type === 'string' ? { ...inner, type: inner.type.toLowerCase() } : inner
  }
  const schemas = plain(description.components.schemas)
  for (const [name, required] of Object.entries(NEEDED))
    Object.assign(schemas[name], { required, additionalProperties: false })
  const { properties } = schemas.Incident
  for (const name of ALSO) properties[name] = properties.created_at
  for (const name of NOT_YET) properties[name] = { anyOf: [properties[name], { type: 'null' }] }
  ajv.addSchema({ $id: 'urn:statuspage:spec', components: { schemas } })
  const whole = { ...SUMMARY.properties, page: named('Page'), incidents: { type: 'array', items: named('Incident') } }
  const judges = {
    'api/v2/summary.json': ajv.compile({ ...SUMMARY, properties: whole }),
    'api/v2/incidents.json': ajv.compile({ ...SUMMARY, required: ['page', 'incidents'], properties: whole }),
  }
  return (name, text) => {
    const judge = judges[name]
    return judge(JSON.parse(text)) ? [] : [ajv.errorsText(judge.errors)]
  }
}

const named = (name) => ({ $ref: `urn:statuspage:spec#/components/schemas/${name}` })
