//! The Atom feed (RFC 4287): an entry for each incident, its updates inside.
//!
//! Invariant: ids never change, and every text from a record is escaped, twice where it is HTML inside of XML.

use crate::model::{Millis, escaped};

use super::Site;
use super::html::{paragraphs, phase};
use super::record::Record;

/// Entries of the feed.
const ENTRIES_MOST: usize = 50;

/// The feed.
pub(super) fn atom(site: &Site, records: &[Record], updated: Millis) -> String {
    let (url, title) = (escaped(&site.url), escaped(&site.title));
    let entries: String = records.iter().take(ENTRIES_MOST).map(|record| entry(site, record)).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"en\">\n\
         <id>{url}/feed.atom</id>\n<title>{title} status</title>\n<updated>{}</updated>\n\
         <author><name>{title}</name></author>\n<link rel=\"self\" type=\"application/atom+xml\" href=\"{url}/feed.atom\"/>\n\
         <link rel=\"alternate\" type=\"text/html\" href=\"{url}/index.html\"/>\n{entries}</feed>\n",
        updated.to_rfc3339()
    )
}

fn entry(site: &Site, record: &Record) -> String {
    let page = escaped(&site.page_of(record));
    let updates = record.updates.iter().rev();
    let content: String = updates
        .map(|update| {
            format!("<p><strong>{}</strong>, {}</p>\n{}", phase(update.phase), update.at, paragraphs(&update.text))
        })
        .collect();
    format!(
        "<entry>\n<id>{page}</id>\n<title>{}</title>\n<published>{}</published>\n<updated>{}</updated>\n\
         <link rel=\"alternate\" type=\"text/html\" href=\"{page}\"/>\n<content type=\"html\">{}</content>\n</entry>\n",
        escaped(&record.title),
        record.created.to_rfc3339(),
        record.updated.to_rfc3339(),
        escaped(&content)
    )
}
