//! How templates are checked and filled: minijinja without files, functions, includes or macros.
//!
//! Invariant: a check costs and a rendering yields no more than the limits say, whatever the template does.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, Value};

use super::{CUT, Filling, Occasion, TEMPLATE_BYTES_MAX, TEXT_CHARS_MAX, TemplateError};

/// What one rendering may cost, in minijinja's units: some thousand times what the built-in templates need.
const FUEL: u64 = 100_000;
/// Bytes that a rendering may yield before it is stopped: the longest text, each character of four bytes, and as much
/// again in blank lines.
const BYTES_MAX: usize = 8 * TEXT_CHARS_MAX;

/// The variables that a template uses.
pub(super) fn names(source: &str) -> Result<BTreeSet<String>, Error> {
    let environment = environment();
    let template = environment.template_from_str(source)?;
    Ok(template.undeclared_variables(false).into_iter().collect())
}

/// Whether a template can be used: its variables, or everything that is wrong with it.
pub(super) fn check(file: &str, occasion: Occasion, source: &str) -> Result<BTreeSet<String>, Vec<TemplateError>> {
    let wrong = |line, says| TemplateError { file: file.to_owned(), line, says };
    if source.len() > TEMPLATE_BYTES_MAX {
        let says = format!("It has {} bytes; {TEMPLATE_BYTES_MAX} is the most. Say less.", source.len());
        return Err(vec![wrong(None, says)]);
    }
    let names = names(source).map_err(|error| vec![wrong(error.line(), syntax(&error))])?;
    let unknown = names.iter().filter(|name| !occasion.variables().contains(&name.as_str()));
    let unknown: Vec<TemplateError> = unknown
        .map(|name| {
            let says = format!(
                "`{name}` is not given to an {} template. Given are {}; there are no functions.",
                occasion.word(),
                occasion.variables().iter().map(|known| format!("`{known}`")).collect::<Vec<_>>().join(", ")
            );
            wrong(line_of(source, name), says)
        })
        .collect();
    if !unknown.is_empty() {
        return Err(unknown);
    }
    let mut said = false;
    for value in ["", "Some 12 people.\nNot all."] {
        let filling = occasion.variables().iter().map(|name| (*name, value.to_owned())).collect();
        let (text, _) = render(source, occasion, &filling).map_err(|says| vec![wrong(None, sentence(&says))])?;
        said |= !text.is_empty();
    }
    if said { Ok(names) } else { Err(vec![wrong(None, "It says nothing, whatever it is filled with.".into())]) }
}

/// The filled text without blank lines at its ends, and whether it was cut. The error is in words.
pub(super) fn render(source: &str, occasion: Occasion, filling: &Filling) -> Result<(String, bool), String> {
    let environment = environment();
    let template = environment.template_from_str(source).map_err(|error| syntax(&error))?;
    let mut values: BTreeMap<&str, Value> = BTreeMap::new();
    for name in occasion.variables() {
        values.insert(name, Value::from(filling.get(name).map_or("", String::as_str)));
    }
    let mut page = Page { bytes: Vec::new(), full: false };
    let end = template.render_captured_to(Value::from(values), &mut page);
    match end.map(|_| ()) {
        Err(error) if !page.full => Err(runtime(&error)),
        _ => Ok(tidy(&String::from_utf8_lossy(&page.bytes), page.full)),
    }
}

/// The values alone, for the case that no template can be used.
pub(super) fn bare(filling: &Filling) -> (String, bool) {
    let filled = filling.iter().filter(|(_, value)| !value.is_empty());
    let lines: Vec<String> = filled.map(|(name, value)| format!("{}: {value}", name.replace('_', " "))).collect();
    tidy(&lines.join("\n"), false)
}

fn environment<'source>() -> Environment<'source> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_fuel(Some(FUEL));
    let globals: Vec<String> = environment.globals().map(|(name, _)| name.to_owned()).collect();
    for name in globals {
        environment.remove_global(&name);
    }
    let blocks = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    environment.set_syntax(blocks.unwrap_or_default());
    environment
}

fn syntax(error: &Error) -> String {
    sentence(&format!("It cannot be read: {}", detail(error)))
}

fn runtime(error: &Error) -> String {
    let place = error.line().map(|line| format!("line {line}: ")).unwrap_or_default();
    match error.kind() {
        ErrorKind::OutOfFuel => format!("{place}it works too long"),
        _ => format!("{place}{}", detail(error)),
    }
}

fn detail(error: &Error) -> String {
    error.detail().map_or_else(|| error.kind().to_string(), |detail| format!("{}: {detail}", error.kind()))
}

fn sentence(text: &str) -> String {
    let mut chars = text.trim_end_matches('.').chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", chars.as_str())
}

/// The first line that holds that word.
fn line_of(source: &str, name: &str) -> Option<usize> {
    let holds = |line: &str| line.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == name);
    source.lines().position(holds).map(|at| at + 1)
}

/// Without control characters and what turns writing round, without blank lines at the ends or more than one in a row,
/// and not longer than the limit.
fn tidy(text: &str, full: bool) -> (String, bool) {
    let turns = |c: char| ('\u{202a}'..='\u{202e}').contains(&c) || ('\u{2066}'..='\u{2069}').contains(&c);
    let text: String = text.chars().filter(|c| *c == '\n' || !(c.is_control() || turns(*c))).collect();
    let (mut lines, mut blank) = (Vec::new(), true);
    for line in text.lines().map(str::trim_end) {
        if !(line.is_empty() && blank) {
            lines.push(line);
        }
        blank = line.is_empty();
    }
    let text = lines.join("\n").trim_end().to_owned();
    if !full && text.chars().count() <= TEXT_CHARS_MAX {
        return (text, false);
    }
    let kept: String = text.chars().take(TEXT_CHARS_MAX - CUT.chars().count()).collect();
    (kept + CUT, true)
}

/// What was written so far; it takes no more than `BYTES_MAX`, so that a rendering ends there.
struct Page {
    bytes: Vec<u8>,
    full: bool,
}

impl Write for &mut Page {
    fn write(&mut self, more: &[u8]) -> io::Result<usize> {
        let room = BYTES_MAX - self.bytes.len();
        if more.len() > room {
            self.bytes.extend_from_slice(&more[..room]);
            self.full = true;
            return Err(io::Error::other("the text is long enough"));
        }
        self.bytes.extend_from_slice(more);
        Ok(more.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
