//! Forms: a submission fills the request that the form was opened for.

use crate::catalog::{FieldError, Parsed, form, parse_form};
use crate::guard::Redacted;
use crate::model::{Ack, AnswerMode, Press, Refusal, RefusalCode, RequestId, Staff, State, Verb};
use crate::store::{RequestRow, Tx};

use super::intake::{Arrival, Clean, Decided};
use super::{Engine, Trouble};

impl Engine {
    pub(super) async fn submit(
        &self,
        tx: &mut Tx<'_>,
        arrival: &Arrival,
        staff: &Staff,
        token: &Redacted<String>,
        values: &[(String, String)],
    ) -> Result<Decided, Trouble> {
        if let Ok(press) = token.as_str().parse::<Press>() {
            return match press.verb {
                Verb::Confirm => self.confirm_by_form(tx, arrival, staff, &press, values).await,
                _ => self.vote_by_form(tx, arrival, staff, &press, values).await,
            };
        }
        if let Some(case) = self.case_of(tx, token.as_str()).await? {
            return self.close_case(tx, arrival, staff, &case, values).await;
        }
        let row = match self.open_one(tx, staff, token.as_str()).await? {
            Ok(row) => row,
            Err(no) => return self.refuse(tx, Some(&staff.id), None, AnswerMode::Fresh, &no).await,
        };
        let mut given = values.to_vec();
        given.extend(self.beside(&row));
        let invocation = match parse_form(&self.parts.catalog, &row.action, &given) {
            Parsed::Invocation(invocation) => invocation,
            Parsed::Errors { errors, .. } => return Ok(field_errors(errors)),
            Parsed::Form { .. } | Parsed::Help(_) => return Err(Trouble::Bug("a form was not read as one".into())),
        };
        if let Some(action) = self.parts.catalog.find(&invocation.action)
            && let Err(errors) = self.checked(action.definition(), &invocation.fields)
        {
            return Ok(field_errors(errors));
        }
        let mut envelope = arrival.envelope.clone();
        envelope.place = row.place.clone();
        let arrival = Arrival { envelope, what: Clean::Line(Redacted::from_static("")), now: arrival.now };
        let decided = self.invoke(tx, &arrival, staff, invocation).await?;
        if let Some(id) = &decided.request {
            tx.move_request(&row.id, &[State::Form], State::Answered, arrival.now).await?;
            tx.form_became(&row.id, id).await?;
            tx.set_outcome(&row.id, &self.seal(format!("filled as {id}"))?).await?;
            tx.clear_timers(&row.id).await?;
        }
        Ok(decided)
    }

    /// What was known when the form was opened and did not stand in it.
    fn beside(&self, row: &RequestRow) -> Vec<(String, String)> {
        let Some(action) = self.parts.catalog.find(&row.action) else { return Vec::new() };
        let asked: Vec<String> =
            form(action.definition(), &row.id, &row.fields).fields.into_iter().map(|field| field.key).collect();
        row.fields.0.iter().filter(|(name, _)| !asked.contains(name)).map(|(n, v)| (n.clone(), v.clone())).collect()
    }

    /// The request whose form is open, if it is that person's and still open.
    async fn open_one(
        &self,
        tx: &mut Tx<'_>,
        staff: &Staff,
        token: &str,
    ) -> Result<Result<RequestRow, Refusal>, Trouble> {
        let Ok(id) = token.parse::<RequestId>() else { return Ok(Err(unknown())) };
        let Some(row) = tx.request(&id).await? else { return Ok(Err(unknown())) };
        if row.requester != staff.id {
            return Ok(Err(unknown()));
        }
        Ok(match row.state {
            State::Form => Ok(row),
            State::Lapsed => Err(Refusal::new(
                RefusalCode::Expired,
                "This form is too old.",
                "Forms lapse after an hour.",
                "Type the command again.",
            )),
            _ => Err(Refusal::new(
                RefusalCode::Already,
                "This form was already sent.",
                "Each form counts once.",
                "Type the command again for another request.",
            )),
        })
    }

    /// Opens the form of a waiting request again, for the button that stands in for it.
    pub(super) async fn reopen(&self, tx: &mut Tx<'_>, staff: &Staff, id: &RequestId) -> Result<Decided, Trouble> {
        let row = match self.open_one(tx, staff, id.as_str()).await? {
            Ok(row) => row,
            Err(no) => return self.refuse(tx, Some(&staff.id), Some(id), AnswerMode::Fresh, &no).await,
        };
        let Some(action) = self.parts.catalog.find(&row.action) else {
            return Err(Trouble::Bug(format!("no action {}", row.action)));
        };
        let form = self.seal(form(action.definition(), id, &row.fields))?;
        Ok(Decided { ack: Ack::Form(Box::new(form)), request: Some(id.clone()) })
    }
}

fn field_errors(errors: Vec<FieldError>) -> Decided {
    Decided { ack: Ack::FieldErrors(errors.into_iter().map(|e| (e.option, e.says)).collect()), request: None }
}

fn unknown() -> Refusal {
    Refusal::new(
        RefusalCode::Unknown,
        "This form is not one that I opened for you.",
        "It is unknown, or another person's.",
        "Type the command again.",
    )
}
