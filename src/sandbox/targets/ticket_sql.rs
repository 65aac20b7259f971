//! The little of TicketSQL that is understood here: clauses that all have to hold.
//!
//! Invariant: what is not understood is refused, never taken for something wider.

/// One clause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Clause {
    /// `id = 7`
    Id(u64),
    /// `Status = '__Active__'`
    Active,
    /// `Subject LIKE 'part'`: the part is anywhere in it, in capitals or not.
    SubjectLike(String),
}

/// The clauses of a search; `None` where one is not understood, or there is none.
pub(super) fn clauses(query: &str) -> Option<Vec<Clause>> {
    query.split(" AND ").map(clause).collect()
}

fn clause(text: &str) -> Option<Clause> {
    if let Some(id) = text.strip_prefix("id = ") {
        return id.parse().ok().map(Clause::Id);
    }
    if text == "Status = '__Active__'" {
        return Some(Clause::Active);
    }
    let part = text.strip_prefix("Subject LIKE '")?.strip_suffix('\'')?;
    // What a database would read as "anything" or as the end of the text is not understood here.
    (!part.contains(['\'', '%', '_', '\\'])).then(|| Clause::SubjectLike(part.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_understood_is_refused() {
        assert_eq!(clauses("id = 7 AND Status = '__Active__'"), Some(vec![Clause::Id(7), Clause::Active]));
        assert_eq!(clauses("Subject LIKE '[rq-1]'"), Some(vec![Clause::SubjectLike("[rq-1]".into())]));
        for bad in ["", "id = x", "id > 7", "Status = 'open'", "Subject LIKE 'a' OR id > '0'", "id = 7 OR id = 8"] {
            assert_eq!(clauses(bad), None, "{bad}");
        }
    }
}
