//! Options that several actions have, and how their values are read.

use crate::model::{BadId, Email, Fields, OrgSlug};

use super::{FieldError, Kind, OptionDef, Source};

/// An option without proposals, read by its name.
#[must_use]
pub const fn option(name: &'static str, kind: Kind, required: bool, help: &'static str) -> OptionDef {
    OptionDef { name, kind, required, help, source: Source::None, positional: false }
}

/// The customer's organization.
pub const ORG: OptionDef = OptionDef {
    positional: true,
    source: Source::RecentOrgs,
    ..option("org", Kind::Org, true, "The customer's organization slug")
};

/// The customer's project.
pub const PROJECT: OptionDef =
    OptionDef { positional: true, ..option("project", Kind::Project, true, "The project's slug") };

/// The person's address.
pub const USER: OptionDef =
    OptionDef { positional: true, ..option("user", Kind::Email, true, "The user's e-mail address") };

const TICKET: OptionDef = OptionDef {
    source: Source::RecentTickets,
    ..option("ticket", Kind::Ticket, false, "The support ticket, such as SUP-1234")
};

/// The ticket, where there may be one.
pub const MAY_TICKET: OptionDef = TICKET;

/// The ticket, where there must be one.
pub const MUST_TICKET: OptionDef = OptionDef { required: true, ..TICKET };

/// What is wrong with an option.
#[must_use]
pub fn wrong(option: &str, says: impl Into<String>) -> FieldError {
    FieldError { option: option.into(), says: says.into() }
}

/// Reads options one after the other and keeps every error.
pub struct Reading<'a> {
    fields: &'a Fields,
    errors: Vec<FieldError>,
}

impl<'a> Reading<'a> {
    /// Nothing read yet.
    #[must_use]
    pub const fn of(fields: &'a Fields) -> Self {
        Self { fields, errors: Vec::new() }
    }

    /// The text of an option; empty where it is not given.
    #[must_use]
    pub fn text(&self, name: &str) -> String {
        self.fields.get(name).unwrap_or_default().trim().to_owned()
    }

    /// Whether an option says `yes`.
    #[must_use]
    pub fn yes(&self, name: &str) -> bool {
        self.fields.get(name) == Some("yes")
    }

    /// Something is wrong with an option.
    pub fn wrong(&mut self, option: &str, says: impl Into<String>) {
        self.errors.push(wrong(option, says));
    }

    /// An option as its type; what is wrong with it is kept.
    pub fn parsed<T: std::str::FromStr<Err = BadId>>(&mut self, name: &str) -> Option<T> {
        let parsed = self.fields.get(name).unwrap_or_default().parse::<T>();
        parsed.map_err(|bad| self.wrong(name, bad.0)).ok()
    }

    /// The organization.
    pub fn org(&mut self) -> Option<OrgSlug> {
        self.parsed("org")
    }

    /// The project.
    pub fn project(&mut self) -> Option<OrgSlug> {
        self.parsed("project")
    }

    /// The person's address.
    pub fn user(&mut self) -> Option<Email> {
        self.parsed("user")
    }

    /// What was read, if nothing was wrong.
    ///
    /// # Errors
    /// Everything that was wrong.
    pub fn done<T>(self, read: Option<T>) -> Result<T, Vec<FieldError>> {
        match read {
            Some(read) if self.errors.is_empty() => Ok(read),
            _ => Err(self.errors),
        }
    }
}
