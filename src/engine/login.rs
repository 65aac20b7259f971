//! Signing in as proof: whoever has an account that nobody knows signs in at Authentik, and the admins hear who that was.
//!
//! It gives nobody an account: a link can be passed on to a victim. Invariants: a link is for the account that asked,
//! works once and for ten minutes; what came of it is in the audit trail; and no transaction is open while Authentik is
//! asked.

use std::sync::Arc;

use serde_json::json;

use crate::catalog::{Parsed, of_text, parse, parse_tree};
use crate::guard::Secret;
use crate::model::{
    Account, Ack, AnswerMode, Block, IdentityId, MINUTE_MS, Message, Millis, Refusal, RefusalCode, Tone, hex,
};
use crate::ports::{Login, LoginAsk, Seat, StaffRead};
use crate::store::Tx;

use super::intake::{Arrival, Clean, Decided};
use super::{Engine, Fact, Trouble};

/// The action that asks for it.
const ACTION: &str = "staff-login";
/// How long a link works.
const WITHIN_MS: i64 = 10 * MINUTE_MS;
/// The most links that one account may ask for in an hour.
const ASKS_MOST: u32 = 3;
const HOUR_MS: i64 = 60 * MINUTE_MS;
/// How long it is kept that one was asked for.
const KEPT_MS: i64 = 24 * HOUR_MS;

/// Where a sign-in goes on.
pub enum LoginPage {
    /// There is none with that state, or it was used, or its time is over.
    Gone,
    /// It cannot go on now: why.
    Not(String),
    /// For that account, at that address of Authentik.
    Goes(Account, String),
    /// It is done: somebody signed in, and the admins were told.
    Done,
}

impl Engine {
    fn login(&self) -> Option<&Arc<dyn Login>> {
        self.parts.people.source.as_ref()?.login.as_ref()
    }

    /// The answer to somebody unknown who asks to sign in. `None`: something else was said, or nobody signs in here.
    pub(super) async fn stranger(&self, tx: &mut Tx<'_>, arrival: &Arrival) -> Result<Option<Decided>, Trouble> {
        let catalog = &self.parts.catalog;
        let parsed = match &arrival.what {
            Clean::Line(line) => parse(catalog, line),
            Clean::Tree { path, options } => parse_tree(catalog, path, options),
            _ => return Ok(None),
        };
        let asks = matches!(&parsed, Parsed::Invocation(asked) if asked.action == ACTION);
        let Some(login) = self.login().filter(|_| asks) else { return Ok(None) };
        let (account, now) = (&arrival.envelope.account, arrival.now);
        if tx.logins_asked(account, now.plus_ms(-HOUR_MS)).await? >= ASKS_MOST {
            return self.refuse(tx, None, None, AnswerMode::Fresh, &too_often()).await.map(Some);
        }
        let random = || format!("{}{}", hex(&self.parts.ids.salt()), hex(&self.parts.ids.salt()));
        let ask = LoginAsk { state: random(), nonce: random(), verifier: Secret::new(random()) };
        let times = (now, now.plus_ms(WITHIN_MS), now.plus_ms(-KEPT_MS));
        tx.ask_login(&of_text(&ask.state), account, &ask, times).await?;
        self.of_login(tx, account, "asked", None).await?;
        let message = Message::titled(Tone::Plain, "Sign in to show who you are.")
            .text(
                "The link is for you alone: never pass it on, and never use one that somebody sent you. It works once, within \
                 10 minutes. An admin then links this account to you, and another one agrees.",
            )
            .text(login.begins_at(&ask.state));
        let ack = Ack::Say(AnswerMode::Fresh, Box::new(self.seal(message)?));
        Ok(Some(Decided { ack, request: None }))
    }

    /// Where the sign-in of that state goes on.
    ///
    /// # Errors
    /// The store failed.
    pub async fn login_page(&self, state: &str) -> Result<LoginPage, Trouble> {
        let now = self.parts.clock.now();
        let open = self.parts.store.login_open(&of_text(state), state, now).await?;
        let (Some((account, ask)), Some(login)) = (open, self.login()) else { return Ok(LoginPage::Gone) };
        if let Some(why) = self.no_member(&account).await {
            return Ok(LoginPage::Not(why));
        }
        Ok(match login.authorize(&ask).await {
            Ok(address) => LoginPage::Goes(account, address),
            Err(no) => {
                tracing::warn!(error = %no, "login.not_begun");
                LoginPage::Not(no.to_string())
            }
        })
    }

    /// Somebody came back with that state, and a code where they signed in.
    ///
    /// # Errors
    /// The store failed, or we are shutting down.
    pub async fn login_came(&self, state: &str, code: Option<&str>) -> Result<LoginPage, Trouble> {
        let (hash, now) = (of_text(state), self.parts.clock.now());
        let open = self.parts.store.login_open(&hash, state, now).await?;
        let (Some((account, ask)), Some(login)) = (open, self.login()) else { return Ok(LoginPage::Gone) };
        // Used up before the code is redeemed, so that nobody gets a second try with it.
        let mut tx = self.parts.store.begin().await?;
        if let Err(error) = tx.login_came(&hash, now).await {
            return if error.is_conflict() { Ok(LoginPage::Gone) } else { Err(error.into()) };
        }
        self.commit(tx).await?;
        let who = match code {
            Some(code) => login.who(code, &ask).await.map_err(|no| no.to_string()),
            None => Err("It was not finished at Authentik.".to_owned()),
        };
        let mut tx = self.parts.store.begin().await?;
        let page = match who {
            Ok(who) => {
                tx.login_was(&hash, &who).await?;
                self.of_login(&mut tx, &account, "signed_in", Some(&who)).await?;
                self.tell_admins(&mut tx, &account, &who, now).await?;
                LoginPage::Done
            }
            Err(why) => {
                tracing::warn!(error = %why, "login.failed");
                self.of_login(&mut tx, &account, "failed", None).await?;
                LoginPage::Not(why)
            }
        };
        self.commit(tx).await?;
        self.wake();
        Ok(page)
    }

    /// Why that account is none of a full member of our own workspace or server, as far as its platform says so. A command
    /// does not say it everywhere.
    async fn no_member(&self, account: &Account) -> Option<String> {
        let members = self.parts.reads.members.0.get(&account.platform)?;
        match members.account(&account.user).await {
            Ok(Some(found)) if found.seat == Seat::Full && found.account == *account => None,
            Ok(_) => Some("Guests, bots and members of other workspaces or servers get no account linked.".into()),
            Err(error) => Some(error.of_look()),
        }
    }

    async fn of_login(
        &self,
        tx: &mut Tx<'_>,
        account: &Account,
        outcome: &str,
        who: Option<&IdentityId>,
    ) -> Result<(), Trouble> {
        let details = json!({ "account": account.to_string(), "identity": who });
        self.audit(tx, Fact { staff: None, action: ACTION, request: None, outcome, details }).await
    }

    /// Says where agreement is asked for that somebody signed in, and what to do with that.
    async fn tell_admins(
        &self,
        tx: &mut Tx<'_>,
        account: &Account,
        who: &IdentityId,
        now: Millis,
    ) -> Result<(), Trouble> {
        let people = self.parts.people.candidates(who.as_str()).unwrap_or_default();
        let name = match people.as_slice() {
            [one] => format!("{} ({who})", one.name),
            _ => format!("{who}, who is in none of the mapped groups"),
        };
        let message = Message::titled(Tone::Caution, "Somebody signed in to get an account linked.")
            .with(Block::Fields(vec![("Account".into(), account.to_string()), ("Signed in as".into(), name)]))
            .text(
                "It shows that this person has used a link which that account had asked for, and no more: whoever has the \
                 account may have sent them the link. Ask the person in another way.",
            )
            .with(Block::Code(format!("/staff link account={account} person={who} reason=\"\"")));
        let places = self.policy().rules().approval_places.clone();
        self.owe_in(tx, &places, &format!("login:{account}:{}", now.0), &message, now).await
    }
}

fn too_often() -> Refusal {
    Refusal::new(
        RefusalCode::Limit,
        "You have asked for that too often.",
        format!("One account gets {ASKS_MOST} links in an hour."),
        "Use the newest link, or ask again in an hour.",
    )
}
