//! What is said of an incident: one template for each occasion and audience, built in or the operator's own.
//!
//! It reads no file: texts come in by their file names. Invariant: a template that is loaded knows only variables that
//! are always given, so that rendering never fails for a name; and no rendered text is longer than the limit.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::model::Audience;

mod fill;
#[cfg(test)]
mod tests;

/// Longest template, in bytes.
pub const TEMPLATE_BYTES_MAX: usize = 8 * 1024;
/// Longest rendered text, in characters. The surfaces cut to less where they take less.
pub const TEXT_CHARS_MAX: usize = 3_000;
/// What stands at the end of a text that was cut.
pub const CUT: &str = "\n[The text is longer and was cut here.]";
/// How template files end.
const END: &str = ".txt";

/// On which occasion something is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Occasion {
    /// It is opened.
    Open,
    /// There is an update, or it is reopened.
    Update,
    /// It is closed.
    Close,
    /// It is cancelled.
    Cancel,
}

impl Occasion {
    /// All of them, in their order.
    pub const ALL: [Self; 4] = [Self::Open, Self::Update, Self::Close, Self::Cancel];

    /// The word that file names and options use.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Update => "update",
            Self::Close => "close",
            Self::Cancel => "cancel",
        }
    }

    /// The one of that word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.word() == word)
    }

    /// The variables that its templates may use; each is always given, and a text.
    #[must_use]
    pub const fn variables(self) -> &'static [&'static str] {
        match self {
            Self::Open | Self::Update => {
                &["title", "severity", "phase", "now", "impact", "routes", "started", "next", "mitigation"]
            }
            Self::Close => &[
                "title",
                "severity",
                "phase",
                "now",
                "started",
                "resolved",
                "lasted",
                "cause",
                "customer_impact",
                "prevention",
                "owner",
            ],
            Self::Cancel => &["title", "severity", "phase", "now", "started", "reason"],
        }
    }
}

/// The values of the variables. Of a part, the name with `_` for `-`.
pub type Filling = BTreeMap<&'static str, String>;

/// A text, as it is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// The text.
    pub text: String,
    /// Whether it was longer; the text says so too.
    pub cut: bool,
    /// Why the operator's own template could not be used, and the built-in one was.
    pub instead: Option<String>,
}

/// What is wrong with a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateError {
    /// The file's name.
    pub file: String,
    /// The line, from 1; `None`: the file as a whole.
    pub line: Option<usize>,
    /// What is wrong, and what is allowed.
    pub says: String,
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.file, self.says),
            None => write!(f, "{}: {}", self.file, self.says),
        }
    }
}

/// The templates in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Templates(BTreeMap<(Occasion, Audience), Template>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Template {
    source: String,
    own: bool,
    names: BTreeSet<String>,
}

/// The built-in texts, by occasion and audience.
const BUILT_IN: [(Occasion, Audience, &str); 12] = [
    (Occasion::Open, Audience::Internal, include_str!("templates/open.internal.txt")),
    (Occasion::Open, Audience::Support, include_str!("templates/open.support.txt")),
    (Occasion::Open, Audience::Public, include_str!("templates/open.public.txt")),
    (Occasion::Update, Audience::Internal, include_str!("templates/update.internal.txt")),
    (Occasion::Update, Audience::Support, include_str!("templates/update.support.txt")),
    (Occasion::Update, Audience::Public, include_str!("templates/update.public.txt")),
    (Occasion::Close, Audience::Internal, include_str!("templates/close.internal.txt")),
    (Occasion::Close, Audience::Support, include_str!("templates/close.support.txt")),
    (Occasion::Close, Audience::Public, include_str!("templates/close.public.txt")),
    (Occasion::Cancel, Audience::Internal, include_str!("templates/cancel.internal.txt")),
    (Occasion::Cancel, Audience::Support, include_str!("templates/cancel.support.txt")),
    (Occasion::Cancel, Audience::Public, include_str!("templates/cancel.public.txt")),
];

impl Default for Templates {
    fn default() -> Self {
        Self(
            BUILT_IN
                .iter()
                .map(|(occasion, audience, source)| {
                    let names = fill::names(source).unwrap_or_default();
                    ((*occasion, *audience), Template { source: (*source).to_owned(), own: false, names })
                })
                .collect(),
        )
    }
}

impl Templates {
    /// The built-in templates, and in their place the operator's own: text by file name, such as `open.public.txt`.
    ///
    /// # Errors
    /// Everything that is wrong with any of them.
    pub fn load(own: &BTreeMap<String, String>) -> Result<Self, Vec<TemplateError>> {
        let (mut templates, mut errors) = (Self::default(), Vec::new());
        for (file, source) in own {
            let read = placed(file).and_then(|(occasion, audience)| {
                fill::check(file, occasion, source).map(|names| ((occasion, audience), names))
            });
            match read {
                Ok((place, names)) => {
                    templates.0.insert(place, Template { source: source.clone(), own: true, names });
                }
                Err(wrong) => errors.extend(wrong),
            }
        }
        if errors.is_empty() { Ok(templates) } else { Err(errors) }
    }

    /// The text of a template, and whether it is the operator's own.
    #[must_use]
    pub fn source(&self, occasion: Occasion, audience: Audience) -> (&str, bool) {
        self.0.get(&(occasion, audience)).map_or(("", false), |one| (one.source.as_str(), one.own))
    }

    /// Whether that audience's template says that variable at all.
    #[must_use]
    pub fn says(&self, occasion: Occasion, audience: Audience, variable: &str) -> bool {
        self.0.get(&(occasion, audience)).is_some_and(|one| one.names.contains(variable))
    }

    /// What is said on that occasion to that audience.
    #[must_use]
    pub fn render(&self, occasion: Occasion, audience: Audience, filling: &Filling) -> Rendered {
        let (source, own) = self.source(occasion, audience);
        match fill::render(source, occasion, filling) {
            Ok((text, cut)) => Rendered { text, cut, instead: None },
            Err(wrong) if own => {
                let built_in = fill::render(built_in(occasion, audience), occasion, filling);
                let (text, cut) = built_in.unwrap_or_else(|_| fill::bare(filling));
                let file = file_name(occasion, audience);
                Rendered { text, cut, instead: Some(format!("{file} could not be filled ({wrong})")) }
            }
            Err(_) => {
                let (text, cut) = fill::bare(filling);
                Rendered { text, cut, instead: None }
            }
        }
    }
}

/// The file name of a template.
#[must_use]
pub fn file_name(occasion: Occasion, audience: Audience) -> String {
    format!("{}.{}{END}", occasion.word(), audience.word())
}

fn built_in(occasion: Occasion, audience: Audience) -> &'static str {
    BUILT_IN.iter().find(|(o, a, _)| (*o, *a) == (occasion, audience)).map_or("", |(_, _, source)| source)
}

/// What a file is for, by its name.
fn placed(file: &str) -> Result<(Occasion, Audience), Vec<TemplateError>> {
    let place = file.strip_suffix(END).and_then(|stem| stem.split_once('.'));
    let place = place.and_then(|(occasion, audience)| Some((Occasion::named(occasion)?, Audience::named(audience)?)));
    place.ok_or_else(|| {
        let names: Vec<String> = BUILT_IN.iter().map(|(o, a, _)| format!("`{}`", file_name(*o, *a))).collect();
        let says = format!("No template has this name. There are {}.", names.join(", "));
        vec![TemplateError { file: file.to_owned(), line: None, says }]
    })
}
