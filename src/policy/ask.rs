//! Who is this, and may they ask for that, here? Refusals are sentences.

use crate::catalog::{Definition, Places};
use crate::model::{Account, Place, Plan, Platform, Refusal, RefusalCode, Role, Staff, Tier};
use crate::ports::{Claimant, Rights, Ruling};

use super::rules::{approves, asks, oversees, reaches};
use super::{Policy, said_of};

/// Where something is asked.
#[derive(Clone, Copy, Debug)]
pub struct At<'a> {
    /// The place.
    pub place: &'a Place,
    /// Whether an incident is worked on there: such a room is an action channel.
    pub room: bool,
}

/// A place that is no incident's room.
impl<'a> From<&'a Place> for At<'a> {
    fn from(place: &'a Place) -> Self {
        Self { place, room: false }
    }
}

impl Policy {
    /// The one member of staff behind that account, in that place.
    ///
    /// # Errors
    /// A refusal for outsiders, for accounts of nobody, and for accounts of several people.
    pub fn identify(&self, account: &Account, outsider: bool, place: &Place) -> Result<&Staff, Refusal> {
        let foreign = match account.platform {
            Platform::Slack => account.team != self.rules.slack_team || place.team != self.rules.slack_team,
            Platform::Discord => !place.direct && place.team != self.rules.discord_guild,
            Platform::Console => false,
        };
        if outsider || foreign {
            return Err(Refusal::new(
                RefusalCode::Outsider,
                "This account may not use the bot.",
                "It is a guest, a bot, or belongs to another workspace or server.",
                "Ask a colleague of the SEQN Auth staff to do it.",
            ));
        }
        match self.rules.holders(account).as_slice() {
            [one] => Ok(one),
            [] if !self.contested.contains(account) => Err(Refusal::new(
                RefusalCode::UnknownPerson,
                "This account may not use the bot.",
                "It is not linked to a member of staff.",
                format!("Ask an admin to link it to you: `/staff link {account}`. Another admin has to agree."),
            )),
            _ => Err(Refusal::new(
                RefusalCode::UnknownPerson,
                "This account may not use the bot.",
                "It is linked to several members of staff, so nobody can say who you are.",
                "Ask an admin to correct who it belongs to: `seqn-chatops check --online` names them.",
            )),
        }
    }

    /// Whether that person may ask for that action at that tier in that place.
    ///
    /// # Errors
    /// A refusal that names the rule.
    pub fn may_ask<'a>(
        &self,
        staff: &Staff,
        definition: &Definition,
        tier: Tier,
        at: impl Into<At<'a>>,
    ) -> Result<(), Refusal> {
        if !self.has_role_for(staff, definition, tier) {
            let held: Vec<&str> = staff.roles.iter().map(crate::model::Role::as_str).collect();
            let held = if held.is_empty() { "none".to_owned() } else { held.join(", ") };
            let need = self.who_asks(definition, tier);
            return Err(Refusal::new(
                RefusalCode::Role,
                format!("You may not ask for `{}` here.", definition.name),
                format!("It is tier {tier}, which {need} may ask for. Your roles: {held}."),
                format!("Ask a colleague with one of these roles, or see `/seqn can {}`.", definition.name),
            ));
        }
        self.place_ok(definition, at.into())
    }

    /// Whether one of that person's roles may ask for that action at that tier.
    pub(super) fn has_role_for(&self, staff: &Staff, definition: &Definition, tier: Tier) -> bool {
        let able = |r: &Role| reaches(r, &definition.role) && asks(r).is_some_and(|most| most >= tier);
        self.rules.built_in(staff).iter().any(able)
    }

    /// Whether the configuration names that place as an action channel.
    #[must_use]
    pub fn lists(&self, place: &Place) -> bool {
        self.rules.action_channels.contains(&(place.platform, place.channel.clone()))
    }

    /// Questions about rights, where an incident is worked on (`room`) and elsewhere.
    #[must_use]
    pub const fn rights(&self, room: bool) -> RightsHere<'_> {
        RightsHere { policy: self, room }
    }

    /// Whether that person may add to an incident's timeline.
    ///
    /// # Errors
    /// A refusal that names the rule.
    pub fn may_note(&self, staff: &Staff) -> Result<(), Refusal> {
        if self.rules.built_in(staff).iter().any(|r| reaches(r, &Role::SUPPORT) || oversees(r)) {
            return Ok(());
        }
        Err(Refusal::new(
            RefusalCode::Role,
            "You may not add to the timeline.",
            "People with the role support, security, lead or admin work on incidents; observers read them.",
            "Ask somebody who works on it.",
        ))
    }

    /// Whether that person looks after leaks: rotates, closes, and says what is no secret.
    ///
    /// # Errors
    /// A refusal that names the rule.
    pub fn may_oversee(&self, staff: &Staff) -> Result<(), Refusal> {
        if self.rules.built_in(staff).iter().any(oversees) {
            return Ok(());
        }
        Err(Refusal::new(
            RefusalCode::Role,
            "You may not decide about this leak.",
            "People with the role security, lead or admin look after leaks.",
            "They have been told; nothing more to do for you.",
        ))
    }

    fn place_ok(&self, definition: &Definition, at: At<'_>) -> Result<(), Refusal> {
        let place = at.place;
        let listed = at.room || self.lists(place);
        let ok = match definition.places {
            Places::Anywhere => true,
            Places::Actions => place.direct || listed || place.platform == Platform::Console,
            Places::ActionChannels => listed || place.platform == Platform::Console,
        };
        if ok {
            return Ok(());
        }
        Err(Refusal::new(
            RefusalCode::Place,
            format!("`{}` may not be asked in this channel.", definition.name),
            "Actions are asked in the channels that the configuration names, so that the right people see them.",
            match definition.places {
                Places::ActionChannels => "Ask in an action channel.",
                _ => "Ask in an action channel, in an incident's room, or in a direct message to me.",
            },
        ))
    }

    /// The roles that may ask for it at that tier, as words.
    pub(super) fn who_asks(&self, definition: &Definition, tier: Tier) -> String {
        let able = |r: &&crate::model::Role| reaches(r, &definition.role) && asks(r).is_some_and(|most| most >= tier);
        let names: Vec<&str> =
            crate::model::Role::BUILT_IN.iter().filter(able).map(crate::model::Role::as_str).collect();
        if names.is_empty() { "nobody".into() } else { names.join(", ") }
    }

    /// Who may ask for what needs a second person, each with whether somebody else could agree.
    #[must_use]
    pub fn heard(&self) -> Vec<(&Staff, bool)> {
        let asks = |staff: &&Staff| {
            let roles = self.rules.built_in(staff);
            roles.contains(&Role::LEAD) || roles.contains(&Role::ADMIN)
        };
        let heard = |staff: &Staff| !self.who_agrees(staff, Tier::Second).is_empty();
        self.rules.staff.iter().filter(asks).map(|staff| (staff, heard(staff))).collect()
    }

    /// Who could agree at that tier if that person asked: the names, without the person.
    #[must_use]
    pub fn who_agrees(&self, requester: &Staff, tier: Tier) -> Vec<&Staff> {
        self.rules.staff.iter().filter(|s| self.may_agree(requester, s, tier).is_ok()).collect()
    }

    /// Whether that person may agree to what the other one asked for.
    ///
    /// # Errors
    /// A refusal that names the rule.
    pub fn may_agree(&self, requester: &Staff, approver: &Staff, tier: Tier) -> Result<(), Refusal> {
        if requester.id == approver.id {
            return Err(Refusal::new(
                RefusalCode::OwnRequest,
                "You cannot agree to your own request.",
                "A second person must, and your other chat accounts are still you.",
                "Ask a colleague who may agree.",
            ));
        }
        let theirs = self.rules.built_in(requester);
        let fits = |r: &&crate::model::Role| approves(r, tier) && (tier < Tier::OtherRole || !theirs.contains(*r));
        if self.rules.built_in(approver).iter().any(|r| fits(&r)) {
            return Ok(());
        }
        let names: Vec<&str> =
            crate::model::Role::BUILT_IN.iter().filter(fits).map(crate::model::Role::as_str).collect();
        Err(Refusal::new(
            RefusalCode::Role,
            "You may not agree to this request.",
            format!("It is tier {tier}: it needs a second person with one of the roles {}.", names.join(", ")),
            "Nothing to do for you; the people who may agree have been asked.",
        ))
    }
}

impl Policy {
    /// Whether a plan that names who alone may agree names that person.
    ///
    /// # Errors
    /// A refusal that names those.
    pub(super) fn named_by(&self, approver: &Staff, plan: &Plan) -> Result<(), Refusal> {
        if plan.approvers.is_empty() || plan.approvers.contains(&approver.id) {
            return Ok(());
        }
        let named = plan.approvers.iter().filter_map(|id| self.rules.staff(id));
        let names: Vec<&str> = named.map(|staff| staff.name.as_str()).collect();
        Err(Refusal::new(
            RefusalCode::Role,
            "You may not agree to this request.",
            format!("The runbook asks for an existing admin there: {}.", names.join(", ")),
            "Nothing to do for you; the people who may agree have been asked.",
        ))
    }
}

/// Questions about rights, as they are asked in one place.
#[derive(Clone, Copy)]
pub struct RightsHere<'a> {
    policy: &'a Policy,
    room: bool,
}

impl Rights for RightsHere<'_> {
    fn ruling(&self, staff: &Staff, action: &str, place: &Place) -> Ruling {
        let Some(definition) = self.policy.definition(action) else {
            return Ruling { may: false, because: format!("There is no action `{action}`."), agreement: String::new() };
        };
        let at = At { place, room: self.room };
        match self.policy.may_ask(staff, definition, definition.tier, at) {
            Err(no) => Ruling { may: false, because: no.why, agreement: String::new() },
            Ok(()) => {
                let full = self.policy.may_ask(staff, definition, definition.tier_at_most, at).is_ok();
                let most = definition.tier_at_most;
                let because = match (full, definition.changes()) {
                    (_, false) => {
                        format!("It only reads, and {} may ask.", self.policy.who_asks(definition, definition.tier))
                    }
                    (true, true) => format!("Up to tier {most}, which your roles may ask for."),
                    (false, true) => format!(
                        "Tier {} only; what needs tier {most} may be asked by {}.",
                        definition.tier,
                        self.policy.who_asks(definition, most)
                    ),
                };
                Ruling { may: true, because, agreement: self.policy.agreement(staff, definition) }
            }
        }
    }

    fn agrees(&self, requester: &Staff, tier: Tier) -> Vec<Staff> {
        self.policy.agrees(requester, tier)
    }

    fn breaks_glass(&self, staff: &Staff) -> Option<i64> {
        self.policy.breaks_glass(staff)
    }

    fn lost_with(&self, staff: &Staff) -> Vec<String> {
        self.policy.lost_with(staff)
    }

    fn admins(&self) -> Vec<Staff> {
        self.policy.admins()
    }

    fn origin(&self, account: &Account) -> String {
        self.policy.origin(account)
    }

    fn staff(&self, name: &str) -> Option<Staff> {
        self.policy.staff(name)
    }
}

impl Rights for Policy {
    fn ruling(&self, staff: &Staff, action: &str, place: &Place) -> Ruling {
        self.rights(false).ruling(staff, action, place)
    }

    fn agrees(&self, requester: &Staff, tier: Tier) -> Vec<Staff> {
        self.who_agrees(requester, tier).into_iter().cloned().collect()
    }

    fn admins(&self) -> Vec<Staff> {
        self.rules.staff.iter().filter(|one| self.rules.built_in(one).contains(&Role::ADMIN)).cloned().collect()
    }

    fn origin(&self, account: &Account) -> String {
        let words = |claimant: Claimant| said_of(&claimant.origin, |id| self.called(id));
        self.claims(account).into_iter().next().map(words).unwrap_or_default()
    }

    fn staff(&self, name: &str) -> Option<Staff> {
        let name = name.trim_start_matches('@');
        let known = |s: &&Staff| {
            s.id.as_str() == name
                || s.name.eq_ignore_ascii_case(name)
                || s.accounts.iter().any(|a| a.user == name)
                || s.email.as_ref().is_some_and(|email| email.as_str().eq_ignore_ascii_case(name))
        };
        self.rules.staff.iter().find(known).cloned()
    }
}

impl Policy {
    fn agreement(&self, staff: &Staff, definition: &Definition) -> String {
        let tier = definition.tier_at_most;
        if tier < Tier::Second {
            return String::new();
        }
        let outlook = self.outlook(definition.name, staff, tier);
        let rule = outlook.need.says();
        if !outlook.possible {
            return format!(
                "At tier {tier}, others must agree, and they could not be brought together. Decided by {rule}."
            );
        }
        let names: Vec<&str> =
            outlook.helps.iter().filter_map(|id| self.rules.staff(id)).map(|s| s.name.as_str()).collect();
        let parts = outlook.open.len();
        let who = if parts == 1 { "one of these".into() } else { format!("{parts} of these") };
        format!("At tier {tier}, {who} must agree: {}. Decided by {rule}.", names.join(", "))
    }
}
