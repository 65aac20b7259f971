// GitHub's own description of its API judges the requests that the bot made in the test of its GitHub surface.
// Usage: node github.mjs <requests as JSON, written by the test with SEQN_RECORDED>
//
// Each request has to exist: path, method, every parameter of its query. Each body has to pass, and broken copies of it
// have to be refused, at least two for each operation: a judge that passes everything is blind.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'

// What is installed lies where the command is run, not beside this file.
const require = createRequire(`${process.cwd()}/`)
const Ajv = require('ajv')
const document = require('@octokit/openapi/generated/api.github.com.deref.json')

/** The fewest broken copies that must be refused for each operation. */
const REFUSED_MIN = 2

const ajv = new Ajv({ strict: false, validateFormats: false, logger: false })

/** The operation that answers a request. */
function operation({ method, path }) {
  const parts = path.split('/')
  const fits = (template) => {
    const theirs = template.split('/')
    return theirs.length === parts.length && theirs.every((part, at) => part.startsWith('{') || part === parts[at])
  }
  const found = Object.keys(document.paths).filter(fits).sort((one, two) => holes(one) - holes(two))
  const template = found.find((name) => document.paths[name][method.toLowerCase()])
  assert(template, `${method} ${path} is not in GitHub's description`)
  return { template, ...document.paths[template][method.toLowerCase()] }
}

const holes = (template) => template.split('{').length

/** Says `nullable` of OpenAPI 3.0 in words that JSON Schema knows. */
function plain(schema) {
  if (Array.isArray(schema)) return schema.map(plain)
  if (schema === null || typeof schema !== 'object') return schema
  const { nullable, ...rest } = schema
  const inner = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, plain(value)]))
  return nullable === true ? { anyOf: [inner, { type: 'null' }] } : inner
}

/** Copies of a body with one thing wrong in each. */
function broken(body) {
  const copies = []
  for (const name of Object.keys(body)) {
    const { [name]: _, ...without } = body
    copies.push(without, { ...body, [name]: { broken: true } }, { ...body, [name]: [['broken']] })
  }
  return copies
}

const requests = JSON.parse(readFileSync(process.argv[2], 'utf8'))
assert(requests.length > 10, 'the test wrote its requests down')
const judged = new Map()
for (const request of requests) {
  const found = operation(request)
  const line = `${request.method} ${found.template}`
  const known = (found.parameters ?? []).filter((one) => one.in === 'query').map((one) => one.name)
  for (const name of new URLSearchParams(request.query).keys()) {
    assert(known.includes(name), `${line} has no parameter ${name}`)
  }
  if (request.body === null) continue
  const schema = found.requestBody.content['application/json'].schema
  const valid = ajv.compile(plain(schema))
  assert(valid(request.body), `${line}: ${ajv.errorsText(valid.errors)}\n${JSON.stringify(request.body)}`)
  const refused = broken(request.body).filter((copy) => !valid(copy)).length
  judged.set(line, Math.max(judged.get(line) ?? 0, refused))
}
assert.deepEqual([...judged.keys()].sort(), [
  'PATCH /repos/{owner}/{repo}/issues/{issue_number}',
  'POST /repos/{owner}/{repo}/issues',
  'POST /repos/{owner}/{repo}/issues/{issue_number}/comments',
])
for (const [line, refused] of judged) {
  assert(refused >= REFUSED_MIN, `the judge of ${line} is blind: it refuses ${refused} broken copies`)
  console.log(`${line}: passes, and ${refused} broken copies of one body are refused`)
}
