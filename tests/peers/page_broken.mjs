// Broken copies of the status page, each with the judge that has to refuse it and what that judge has to say.

const INDEX = 'index.html'
const FEED = 'feed.atom'
const SUMMARY = 'api/v2/summary.json'
const INCIDENTS = 'api/v2/incidents.json'

const end = (extra) => (html) => html.replace('</main>', `${extra}</main>`)
const style = (extra) => (html) => html.replace('</style>', `${extra}</style>`)
const swap = (one, other) => (text) => text.replace(one, other)
/** Without the page's own policy, which lets nothing of this happen. */
const policy = /<meta http-equiv="Content-Security-Policy"[^>]*>/
const unguarded = (change) => (html) => change(html.replace(policy, ''))
const json = (change) => (text) => {
  const value = JSON.parse(text)
  change(value)
  return JSON.stringify(value)
}

/** All broken copies. `incident` is the page of an incident of which several things were said. */
export function broken(incident) {
  const copy = (judge, file, how, change, says) => ({ judge, file, how, change, says })
  return [
    copy('fits', INDEX, 'a wide table', end('<div style="width: 600px">wide</div>'), /sideways/),
    copy('fits', INDEX, 'a word that does not break', style('body { overflow-wrap: normal }'), /sideways/),
    copy('fits', INDEX, 'no viewport', swap(/<meta name="viewport"[^>]*>/, ''), /laid out/),
    copy(
      'fits',
      INDEX,
      'a text beside the screen',
      end('<p style="position: absolute; left: -5em">out</p>'),
      /does not fit/,
    ),
    copy('fits on a desk', INDEX, 'a very wide table', end('<div style="width: 1300px">wide</div>'), /sideways/),

    copy('readable in the light', INDEX, 'small print', style('footer { font-size: 13px }'), /letters of 13px/),
    copy('readable in the light', INDEX, 'faint', swap('--quiet: #57606a', '--quiet: #999'), /contrast of 2\.8/),
    copy('readable in the light', INDEX, 'pale by opacity', style('footer { opacity: .5 }'), /contrast/),
    copy(
      'readable in the light',
      INDEX,
      'on a picture',
      style('body { background: linear-gradient(red, red) }'),
      /picture/,
    ),
    copy('readable in the light', INDEX, 'dark only', swap('--paper: #ffffff', '--paper: #0f1419'), /not light/),
    copy('readable in the light', incident, 'hidden updates', style('.updates li { display: none }'), /cannot be seen/),
    copy(
      'readable in the light',
      incident,
      'unseen updates',
      style('.updates li { visibility: hidden }'),
      /cannot be seen/,
    ),
    copy('readable in the dark', INDEX, 'faint', swap('--quiet: #9aa7b4', '--quiet: #555'), /contrast/),
    copy(
      'readable in the dark',
      INDEX,
      'light only',
      swap('prefers-color-scheme: dark', 'prefers-contrast: more'),
      /not dark/,
    ),

    copy('skips to the content', INDEX, 'no such link', swap(/<a class="skip".*<\/a>/, ''), /does not lead/),
    copy('skips to the content', INDEX, 'a link to nothing', swap('<main id="main">', '<main>'), /nowhere/),
    copy(
      'skips to the content',
      INDEX,
      'a link out of sight',
      swap('.skip:focus { position: static; }', ''),
      /cannot be seen/,
    ),

    copy('accessible in the light', INDEX, 'no language', swap('<html lang="en">', '<html>'), /html-has-lang/),
    copy('accessible in the light', INDEX, 'no title', swap(/<title>.*<\/title>/, ''), /document-title/),
    copy('accessible in the light', INDEX, 'a picture without words', end('<img src="feed.atom">'), /image-alt/),
    copy('accessible in the light', INDEX, 'faint', swap('--quiet: #57606a', '--quiet: #999'), /color-contrast/),
    copy('accessible in the dark', INDEX, 'faint', swap('--quiet: #9aa7b4', '--quiet: #555'), /color-contrast/),

    copy(
      'asks nobody',
      INDEX,
      'a picture from elsewhere',
      unguarded(end('<img src="https://elsewhere.example/i.png" alt="">')),
      /asked for https:\/\/elsewhere/,
    ),
    copy(
      'asks nobody',
      INDEX,
      'a picture that its policy refuses',
      end('<img src="https://elsewhere.example/i.png" alt="">'),
      /Content Security Policy/,
    ),
    copy(
      'asks nobody',
      INDEX,
      'a style from elsewhere',
      unguarded(swap('<style>', '<style>@import "https://elsewhere.example/f.css";')),
      /asked for https:\/\/elsewhere/,
    ),
    copy(
      'asks nobody',
      INDEX,
      'a script that its policy refuses',
      end('<script>document.body.append("more")</script>'),
      /Content Security Policy/,
    ),
    copy(
      'needs no script',
      INDEX,
      'a text by script',
      unguarded(end('<script>document.body.append("more")</script>')),
      /reads otherwise/,
    ),
    copy('needs no script', INDEX, 'a text without scripts', end('<noscript>more</noscript>'), /reads otherwise/),
    copy('still', INDEX, 'a script', end('<script></script>'), /<script>/),
    copy('still', INDEX, 'a handler', swap('<body>', '<body onload="x()">'), /runs something/),
    copy('still', INDEX, 'a link that runs', end('<a href="javascript:x()">x</a>'), /runs something/),
    copy(
      'still',
      INDEX,
      'a style from elsewhere',
      swap('</title>', '</title><link rel="stylesheet" href="x.css">'),
      /stylesheet/,
    ),
    copy(
      'still',
      INDEX,
      'no policy',
      unguarded((html) => html),
      /policy/,
    ),

    copy('valid', INDEX, 'an end that is not there', swap('</section>', ''), /./),
    copy('valid', INDEX, 'no doctype', swap('<!DOCTYPE html>', ''), /missing-doctype/),
    copy(
      'valid',
      INDEX,
      'one attribute twice',
      swap('<main id="main">', '<main id="main" id="main">'),
      /duplicate-attribute/,
    ),
    copy('valid', INDEX, 'one id twice', end('<p id="main">x</p>'), /no-dup-id/),
    copy('valid', INDEX, 'a block inside a line', end('<p><span><div>x</div></span></p>'), /./),
    copy('valid', INDEX, 'an element of old', end('<center>x</center>'), /deprecated/),
    copy(
      'linked',
      INDEX,
      'a page that is not there',
      end('<a href="incidents/none.html">x</a>'),
      /none\.html is not there/,
    ),

    copy('tells', INDEX, 'another state', swap('Major outage', 'All systems operational'), /the index says/),
    copy(
      'tells',
      INDEX,
      'an incident twice',
      (html) => html.replace(/(<article>[^]*?<\/article>)/, '$1$1'),
      /the index has/,
    ),
    copy('tells', INDEX, 'no past', style('.past { display: none }'), /of the past/),
    copy('tells', incident, 'another state', swap('<dd>Resolved</dd>', '<dd>Identified</dd>'), /the page of/),
    copy(
      'tells',
      incident,
      'the oldest on top',
      style('.updates { display: flex; flex-direction: column-reverse }'),
      /tells otherwise/,
    ),
    copy('tells', incident, 'one update less', style('.updates li:nth-child(2) { display: none }'), /tells otherwise/),
    copy('tells', incident, 'one moment for two', (html) => alike(html), /not in order/),

    copy('feed', FEED, 'cut off', (xml) => xml.slice(0, -20), /no XML/),
    copy('feed', FEED, 'another format', swap('http://www.w3.org/2005/Atom', 'http://purl.org/atom/ns#'), /no Atom/),
    copy('feed', FEED, 'no id', swap(/(<entry>\n)<id>.*<\/id>/, '$1'), /has 0 of <id>/),
    copy('feed', FEED, 'two ids', swap(/(<entry>\n<id>.*<\/id>)/, '$1<id>urn:x</id>'), /has 2 of <id>/),
    copy(
      'feed',
      FEED,
      'one id for two',
      (xml) => xml.replaceAll(/(<entry>\n)<id>.*<\/id>/g, '$1<id>urn:x</id>'),
      /two have one id/,
    ),
    copy('feed', FEED, 'an id that is a path', swap(/(<entry>\n)<id>.*<\/id>/, '$1<id>incidents/1.html</id>'), /no IRI/),
    copy('feed', FEED, 'no title', swap(/(<entry>[^]*?)<title>.*<\/title>/, '$1'), /has 0 of <title>/),
    copy('feed', FEED, 'no moment', swap(/<updated>.*<\/updated>/, ''), /has 0 of <updated>/),
    copy('feed', FEED, 'a moment without a zone', swap(/Z<\/updated>/, '</updated>'), /RFC 3339/),
    copy('feed', FEED, 'nobody wrote it', swap(/<author>.*<\/author>/, ''), /no author/),
    copy('feed', FEED, 'no place of its own', swap(/<link rel="self".*\/>/, ''), /where it is itself/),
    copy('feed', FEED, 'a link to nothing', swap(/(<entry>[^]*?href=")/, '$1https://elsewhere.example/'), /not there/),
    copy('feed', FEED, 'no content', swap(/<content[^]*?<\/content>/, ''), /no content/),
    copy('feed', FEED, 'older than an entry', swap(/<updated>2\d\d\d/, '<updated>2001'), /newer than the feed/),
    copy('feed goes on', FEED, 'another id', swap(/(<entry>\n<id>.*)<\/id>/, '$1#2</id>'), /is gone/),
    copy(
      'feed goes on',
      FEED,
      'an entry goes back',
      (xml) => xml.replaceAll(/<updated>2\d\d\d/g, '<updated>2001'),
      /back in time/,
    ),
    copy('feed goes on', FEED, 'published anew', swap(/<published>2\d\d\d/, '<published>2001'), /published twice/),
    copy('feed tells', FEED, 'HTML that is escaped once', (xml) => xml.replaceAll('&lt;p&gt;', '&amp;lt;p&amp;gt;'), /./),
    copy('feed tells', FEED, 'another text', swap('it is rolled back', 'it is not'), /./),
    copy('feed is read', FEED, 'cut off', (xml) => xml.slice(0, -20), /feedparser says/),
    copy(
      'feed is read',
      FEED,
      'a moment that is none',
      swap(/(<entry>[^]*?<updated>).*(<\/updated>)/, '$1soon$2'),
      /reads little/,
    ),
    copy('feed is read', FEED, 'an entry less', swap(/<entry>[^]*?<\/entry>/, ''), /finds 1 entries/),

    copy(
      'summary',
      SUMMARY,
      'a state of ours',
      json((it) => {
        it.incidents[0].status = 'open'
      }),
      /status/,
    ),
    copy(
      'summary',
      SUMMARY,
      'an impact of ours',
      json((it) => {
        it.incidents[0].impact = 'sev1'
      }),
      /impact/,
    ),
    copy(
      'summary',
      SUMMARY,
      'an unknown indicator',
      json((it) => {
        it.status.indicator = 'bad'
      }),
      /indicator/,
    ),
    copy(
      'summary',
      SUMMARY,
      'no components',
      json((it) => {
        delete it.components
      }),
      /components/,
    ),
    copy(
      'summary',
      SUMMARY,
      'no name',
      json((it) => {
        delete it.page.name
      }),
      /name/,
    ),
    copy(
      'summary',
      SUMMARY,
      'a field that nobody knows',
      json((it) => {
        it.incidents[0].severity = 1
      }),
      /additional/,
    ),
    copy(
      'summary',
      SUMMARY,
      'a moment as a number',
      json((it) => {
        it.incidents[0].created_at = 1
      }),
      /created_at/,
    ),
    copy(
      'incidents',
      INCIDENTS,
      'a moment without a zone',
      json((it) => {
        it.incidents[0].incident_updates[0].display_at = '2026-11-29 10:00'
      }),
      /display_at/,
    ),
    copy(
      'incidents',
      INCIDENTS,
      'no body',
      json((it) => {
        delete it.incidents[1].incident_updates[0].body
      }),
      /body/,
    ),
    copy(
      'summary tells',
      SUMMARY,
      'all well',
      json((it) => {
        it.status.description = 'All systems operational'
      }),
      /says/,
    ),
    copy(
      'summary tells',
      SUMMARY,
      'no incident',
      json((it) => {
        it.incidents = []
      }),
      /the summary has/,
    ),
  ]
}

/** The first two moments of the updates made one. */
function alike(html) {
  const [before, updates] = html.split('<ol class="updates">')
  const [first] = /datetime="[^"]*"/.exec(updates)
  return `${before}<ol class="updates">${updates.replaceAll(/datetime="[^"]*"/g, first)}`
}
