//! One run of the real program with a canary in every input that there is, and a search of all that came out.
//!
//! Invariant: whoever adds an input to the bot adds its canary here; a leak names the input that it came by.

use std::path::Path;

use serde_json::json;

use seqn_chatops::catalog::discord::NOTE;
use seqn_chatops::sandbox::alertmanager::send;
use seqn_chatops::sandbox::cast::{DISCORD_APP, DISCORD_GUILD, SLACK_TEAM, by_name, channel};
use seqn_chatops::sandbox::desk::{Desk, Setup};
use seqn_chatops::sandbox::fault::FaultKind;
use seqn_chatops::sandbox::sealed::{EVERYBODY, opened};
use seqn_chatops::sandbox::settings::{ALERTMANAGER, SECRETS, secret};
use seqn_chatops::sandbox::stage::Stage as _;

use super::hostile::way_to;
use super::search::{Canary, Place, leaks};
use crate::process::{Process, until};
use crate::slack_wire;

/// Everything, also of the libraries that are held back by name: a longer target is a nearer one.
const LOG_ALL: &str = "trace,hyper::=trace,hyper_util::=trace,h2::=trace,reqwest::=trace,rustls::=trace,sqlx::=trace,\
     slack_morphism::=trace,serenity::=trace,tungstenite::=trace,tokio_tungstenite::=trace";
/// How requests are named whose headers carry a credential, as they must.
const PROVEN: &str = "the request ";
/// A whole command with a canary as the reason.
const REVOKE: &str = "revoke-session org=acme user=jo@acme.example session=latest ticket=SUP-1 reason=KEY";
/// The same without anything to refuse.
const PLAIN: &str = "revoke-session org=acme user=jo@acme.example session=latest ticket=SUP-1 reason=lost";

/// A live desk, the bot at it, and what was planted.
struct Run {
    desk: Desk,
    bot: Process,
    planted: Vec<Canary>,
    credentials: Vec<Canary>,
}

impl Run {
    async fn start(folder: &Path) -> Self {
        let database = folder.join("canary.sqlite");
        let desk = Desk::open(Setup { seed: 7, database, live: true, slack: true, discord: true }).await.unwrap();
        let credentials = SECRETS.iter().map(|name| Canary::own(name, secret(name).unwrap())).collect();
        let mut planted = Vec::new();
        let mut settings = desk.settings();
        for (at, name, key, text) in [
            (desk.seqn.base_url(), "SEQN Auth", "base", "Mozilla/5.0"),
            (desk.authentik.base_url(), "Authentik", "base", "Mozilla/5.0"),
            (desk.discord.base_url(), "Discord's REST", "api_base", "SEQN"),
        ] {
            let (base, canary) = way_to(&at, name, text).await;
            let (direct, by_way) = (format!("\n{key} = \"{at}\"\n"), format!("\n{key} = \"{base}\"\n"));
            assert!(settings.contains(&direct), "{name} is configured");
            settings = settings.replacen(&direct, &by_way, 1);
            planted.push(canary);
        }
        let settings = settings + ALERTMANAGER;
        let bot = Process::start(&desk, &settings, LOG_ALL, &[]).await;
        Self { desk, bot, planted, credentials }
    }

    /// A new canary, which is searched for from now on.
    fn key(&mut self, input: &str) -> String {
        let canary = Canary::of(input);
        self.planted.push(canary.clone());
        canary.secret
    }

    async fn types(&mut self, who: &str, stage: &str, place: &str, input: &str, text: &str) {
        let text = text.replace("KEY", &self.key(&format!("{input} on {stage}")));
        self.desk.person(who).on(stage).within(place).types(&text).await.unwrap();
        self.bot.settled().await;
    }

    async fn texts(&mut self, stage: &str) {
        for (place, input, text) in [
            ("support", "a command's option", format!("/seqn {REVOKE}")),
            ("support", "an action's name", "/seqn KEY".to_owned()),
            ("support", "an option's name", "/seqn revoke-session KEY=1".to_owned()),
            ("support", "a mention", format!("@seqn {REVOKE}")),
            ("dm", "a direct message", "whoami KEY".to_owned()),
            ("random", "a message", "look at this: KEY".to_owned()),
        ] {
            // Discord's own client refuses options and actions that are not registered.
            if stage == "discord" && matches!(input, "an action's name" | "an option's name") {
                continue;
            }
            self.types("kim", stage, place, input, &text).await;
        }
        self.types("eve", stage, "support", "a stranger's command", &format!("/seqn {REVOKE}")).await;
        let key = self.key(&format!("a form's field on {stage}"));
        let kim = self.desk.person("kim").on(stage).within("support");
        kim.types("/seqn revoke-session").await.unwrap();
        let values = [("org", "acme"), ("user", "jo@acme.example"), ("ticket", "SUP-1"), ("reason", key.as_str())];
        let values = values.map(|(name, value)| (name.to_owned(), value.to_owned()));
        until("the form opens", || !kim.sees().last().is_none_or(|shown| shown.fields.is_empty())).await;
        kim.submits(&values).await.unwrap();
        self.bot.settled().await;
    }

    async fn posted(&mut self, stage: &str) {
        let (file, topic) = (self.key(&format!("a file on {stage}")), self.key(&format!("a topic on {stage}")));
        let (name, app) = (self.key(&format!("a file's name on {stage}")), self.key(&format!("an app on {stage}")));
        let kim = self.desk.person("kim").on(stage).within("support");
        kim.shares("notes.txt", &format!("it is {file}")).await.unwrap();
        kim.shares(&format!("{name}.txt"), "nothing").await.unwrap();
        kim.sets_topic(&format!("about {topic}")).await.unwrap();
        kim.says_app(&format!("built with {app}")).await.unwrap();
        self.bot.settled().await;
    }

    async fn only_slack(&mut self) {
        let edited = self.key("an edited message on slack");
        self.desk.slack.edits("kim", "", &edited).await.unwrap();
        self.desk.slack.shortcut("kim", "ask").await.unwrap();
        self.desk.slack.deletes("kim", "").await.unwrap();
        let (control, name, text) =
            (self.key("a press on slack"), self.key("a user's name on slack"), self.key("a pressed message on slack"));
        let kim = by_name("kim").unwrap();
        let before = self.count("inbox_received_total{platform=\"slack\"}").await;
        self.desk.slack.raw_envelope(&json!({
            "type": "interactive", "envelope_id": "e-press", "accepts_response_payload": false,
            "payload": {"type": "block_actions", "trigger_id": "1.2.3", "team": {"id": SLACK_TEAM, "domain": name},
                "user": {"id": kim.slack_user, "team_id": SLACK_TEAM, "username": name, "name": name},
                "channel": {"id": channel("support").unwrap().slack, "name": name},
                "response_url": format!("{}/none", self.desk.slack.hooks_url()),
                "message": {"ts": "1.2", "text": text},
                "actions": [{"type": "button", "action_id": control, "value": control, "action_ts": "1.2"}]},
        }));
        self.counted("inbox_received_total{platform=\"slack\"}", before).await;
        let (noted, laid_out) = (self.key("a noted message on slack"), self.key("a noted app's message on slack"));
        let before = self.count("inbox_received_total{platform=\"slack\"}").await;
        for message in [json!({"text": noted}), json!({"text": "", "attachments": [{"text": laid_out}]})] {
            let mut message = message;
            message["ts"] = json!("1793610000.000100");
            self.desk.slack.raw_envelope(&json!({
                "type": "interactive", "envelope_id": "e-note", "accepts_response_payload": false,
                "payload": {"type": "message_action", "callback_id": "note", "team": {"id": SLACK_TEAM},
                    "user": {"id": kim.slack_user, "team_id": SLACK_TEAM}, "message": message,
                    "channel": {"id": channel("support").unwrap().slack},
                    "response_url": format!("{}/none", self.desk.slack.hooks_url())},
            }));
        }
        self.counted("inbox_received_total{platform=\"slack\"}", before + 1).await;
        let strange = self.key("an envelope of an unknown kind on slack");
        let before = self.count("inbox_unknown_total{platform=\"slack\"}").await;
        self.desk.slack.raw_envelope(&json!({"type": strange, "envelope_id": "e-1", "payload": {"text": strange}}));
        self.desk.slack.raw_envelope(&json!({"type": "events_api", "envelope_id": "e-2", "payload": strange}));
        self.counted("inbox_unknown_total{platform=\"slack\"}", before + 1).await;
        self.bot.settled().await;
    }

    async fn only_discord(&mut self) {
        let edited = self.key("an edited message on discord");
        self.desk.discord.edits("kim", "", &edited).await.unwrap();
        self.desk.discord.deletes("kim", "").await.unwrap();
        for (input, text) in [("autocomplete", "org=KEY"), ("autocomplete's other options", "org=KEY user=jo")] {
            let text = text.replace("KEY", &self.key(input));
            let text = format!("/seqn revoke-session {text}");
            let offered = self.desk.discord.completes("kim", "support", &text).await.unwrap();
            assert!(offered.is_empty(), "a secret is no beginning of anything");
        }
        let (control, name) = (self.key("a press on discord"), self.key("a user's name on discord"));
        let frame = json!({"op": 0, "t": "INTERACTION_CREATE", "s": 1, "d": {
            "id": "990000000000000001", "application_id": DISCORD_APP.to_string(), "type": 3, "token": "once", "version": 1,
            "guild_id": DISCORD_GUILD.to_string(), "channel_id": channel("support").unwrap().discord.to_string(),
            "member": {"nick": name, "roles": [], "user": {"id": by_name("kim").unwrap().discord_user.to_string(),
                "username": name, "global_name": name}},
            "message": {"id": "1", "content": name}, "data": {"component_type": 2, "custom_id": control}}});
        self.desk.discord.raw_frame(frame.to_string());
        let answered = || self.desk.discord.requests().iter().any(|(line, _)| line.contains("/990000000000000001/"));
        until("the press is answered", answered).await;
        let noted = self.key("a noted message on discord");
        let frame = json!({"op": 0, "t": "INTERACTION_CREATE", "s": 1, "d": {
            "id": "990000000000000002", "application_id": DISCORD_APP.to_string(), "type": 2, "token": "once", "version": 1,
            "guild_id": DISCORD_GUILD.to_string(), "channel_id": channel("support").unwrap().discord.to_string(),
            "member": {"user": {"id": by_name("kim").unwrap().discord_user.to_string()}},
            "data": {"name": NOTE, "type": 3, "target_id": "9",
                "resolved": {"messages": {"9": {"id": "9", "content": noted}}}}}});
        self.desk.discord.raw_frame(frame.to_string());
        let answered = || self.desk.discord.requests().iter().any(|(line, _)| line.contains("/990000000000000002/"));
        until("the note is answered", answered).await;
        let broken = self.key("a frame that is no JSON on discord");
        self.desk.discord.raw_frame(format!("{{\"op\": 0, \"t\": \"{broken}\", not json"));
        let strange = self.key("an event of an unknown kind on discord");
        self.desk.discord.raw_frame(json!({"op": 0, "t": strange, "s": 2, "d": {"x": strange}}).to_string());
        self.bot.settled().await;
    }

    /// Every outside system fails in its own words, and the words hold a canary.
    async fn errors(&mut self) {
        for (service, route, status) in [
            ("seqn", "GET /v1", 500),
            ("github", "GET /repos", 500),
            ("seqn", "GET /v1", 403),
            ("seqn", "DELETE /v1", 422),
            ("authentik", "GET /api/v3", 400),
            ("slack", "hooks", 500),
            ("slack", "chat.postMessage", 200),
            ("discord", "PATCH /api/v10/webhooks", 400),
            ("discord", "POST /api/v10/channels", 400),
        ] {
            let key = self.key(&format!("the words of {service} with its {status} to {route}"));
            let body = json!({"ok": false, "error": key, "message": key, "detail": key, "needed": key, "code": 50_035,
                "response_metadata": {"messages": [key]}, "errors": {key.clone(): {"_errors": [{"message": key}]}}});
            self.desk.faults.arm(service, route, FaultKind::Body(status, body.to_string()), 1);
            let (stage, text) = match (service, route) {
                ("discord", _) => ("discord", "/seqn whoami".to_owned()),
                ("slack", "chat.postMessage") => ("slack", "@seqn whoami".to_owned()),
                ("slack", _) => ("slack", "/seqn whoami".to_owned()),
                _ => ("slack", format!("/seqn {PLAIN}")),
            };
            self.desk.person("kim").on(stage).within("support").types(&text).await.unwrap();
            self.bot.settled().await;
            if route.starts_with("DELETE") {
                let kim = self.desk.person("kim").on(stage);
                kim.presses("Confirm").await.unwrap();
                self.bot.settled().await;
            }
            self.desk.faults.clear();
        }
        let page = self.key("a page that is no JSON");
        self.desk.faults.arm("seqn", "GET", FaultKind::Body(200, format!("<html>{page}")), 3);
        self.desk.person("kim").on("slack").within("support").types("/seqn health").await.unwrap();
        self.bot.settled().await;
    }

    /// A key is made for us, sealed and handed over: the key itself is a canary, and what was sealed is not.
    async fn rotated(&mut self) {
        let (mira, sam) = (self.desk.person("mira").on("slack"), self.desk.person("sam").on("slack"));
        let mira = mira.within("support");
        mira.types("/rotate secret acme portal cause=stale confirmed-by=@kim evidence=log ticket=SUP-3").await.unwrap();
        self.bot.settled().await;
        mira.presses("Ask for approval").await.unwrap();
        self.bot.settled().await;
        for button in ["Review", "Approve"] {
            sam.presses(button).await.unwrap();
            self.bot.settled().await;
        }
        let values = [("org", "acme"), ("reason", "Kim showed it")];
        sam.submits(&values.map(|(name, value)| (name.to_owned(), value.to_owned()))).await.unwrap();
        for _ in ["prepared", "rolled out"] {
            until("a step is there", || mira.sees().iter().any(|s| s.buttons.iter().any(|b| b == "Done"))).await;
            self.bot.settled().await;
            mira.presses("Done").await.unwrap();
            self.bot.settled().await;
        }
        let sealed = mira.sees().iter().flat_map(|s| opened(&s.text, EVERYBODY)).collect::<Vec<_>>();
        let key = sealed.into_iter().find(|key| self.desk.world.holds("acme/portal", key)).expect("it was handed over");
        self.planted.push(Canary::planted("the answer to a rotation", key));
    }

    /// What an Alertmanager reports, with a canary in each field; and what is no report, or comes from nobody.
    async fn reports(&mut self) {
        let mut of = |field: &str| self.key(&format!("{field} of an alert"));
        let (label, route) = (of("the name of a label"), format!("/{}", of("the route")));
        let alert = json!({
            "status": "firing", "startsAt": "2026-11-02T08:59:00Z", "endsAt": "", "fingerprint": "0123456789abcdef",
            "labels": {"alertname": of("the name"), "severity": of("the severity"), "instance": of("the instance"),
                "route": route, label: "x"},
            "annotations": {"summary": of("the summary"), "description": of("the description"),
                "impact": of("the impact"), "routes": format!("/{}", of("the routes"))},
            "generatorURL": of("the generator"),
        });
        let report = json!({"version": "4", "groupKey": of("the group"), "receiver": of("the receiver"),
            "externalURL": of("the sender's address"), "alerts": [alert]});
        let (strange, broken, token) = (of("a wrong status"), of("a broken body"), of("a wrong token"));
        let strange = report.to_string().replace("firing", &strange);
        let broken = format!("{{\"version\": \"{broken}");
        let known = secret("ALERTMANAGER_TOKEN").unwrap();
        for (token, body, want) in [
            (&known, report.to_string(), 200),
            (&known, strange, 400),
            (&known, broken, 400),
            (&token, report.to_string(), 401),
        ] {
            assert_eq!(send(self.bot.listens(), token, &body).await.unwrap(), want);
        }
        self.bot.settled().await;
        let all = self.desk.slack.all();
        assert!(all.iter().any(|shown| shown.text.contains("An incident is proposed")), "it came through");
    }

    async fn count(&self, metric: &str) -> u64 {
        let page = self.bot.page("/metrics").await;
        let found = page.lines().find_map(|line| line.strip_prefix(&format!("seqn_chatops_{metric} ")));
        found.and_then(|count| count.parse().ok()).unwrap_or(0)
    }

    async fn counted(&self, metric: &str, before: u64) {
        for _ in 0..1_000 {
            if self.count(metric).await > before {
                return;
            }
        }
        panic!("{metric} does not grow");
    }

    /// All that came out, the process's own log and pages among it.
    async fn places(&mut self) -> Vec<Place> {
        let (query, header) = (self.key("the query of a page"), self.key("the header of a page"));
        let mut places = Vec::new();
        for page in ["/healthz", "/readyz", "/metrics", "/none"] {
            let body = self.bot.page_with(&format!("{page}?key={query}"), &header).await;
            places.push((format!("the page {page}"), body.into_bytes()));
        }
        places.extend(self.bot.files("while it ran"));
        self.bot.stop().await;
        places.extend(self.bot.files("at the end"));
        places.push(("the log".into(), self.bot.logged().into_bytes()));
        let desk = &self.desk;
        places
            .extend(desk.slack.requests().into_iter().map(|(m, b)| (format!("a call of Slack's {m}"), b.into_bytes())));
        let acks = desk.slack.everything_sent_by_bot().into_iter();
        places.extend(acks.map(|b| ("what was sent to Slack".into(), b.into_bytes())));
        places.extend(desk.discord.requests().into_iter().map(|(l, b)| (format!("{l} at Discord"), b.into_bytes())));
        let outside = desk.seqn.requests().into_iter().chain(desk.authentik.requests());
        for request in outside.chain(desk.targets.requests()) {
            let name = format!("{PROVEN}{} {}", request.method, request.path);
            places.push((name, format!("{request:?}").into_bytes()));
        }
        for stage in desk.stages() {
            let others = ["kim", "eve", "app"];
            let bot = stage.all().into_iter().filter(|s| !others.contains(&s.author.as_str()));
            places.extend(bot.map(|s| (format!("a screen of {}", stage.name()), format!("{s:?}").into_bytes())));
        }
        places
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_comes_in_comes_out_of_the_program() {
    let folder = crate::folder::folder();
    let mut run = Run::start(folder.path()).await;
    for stage in ["slack", "discord"] {
        run.texts(stage).await;
        run.posted(stage).await;
    }
    run.only_slack().await;
    run.only_discord().await;
    run.reports().await;
    run.errors().await;
    run.rotated().await;
    let places = run.places().await;
    if let Some(kept) = std::env::var_os("CANARY_LOG") {
        std::fs::write(kept, run.bot.logged()).unwrap();
    }
    assert!(places.len() > 100, "there is something to search: {}", places.len());
    let log = run.bot.logged();
    for line in ["TRACE", "DEBUG", " INFO "] {
        assert!(log.contains(line), "the log has {line} lines");
    }
    let (judged, wrong) = slack_wire::judge(&run.desk.slack);
    assert!(judged > 20 && wrong.is_empty(), "of {judged} bodies Slack would refuse:\n{}", wrong.join("\n"));
    let mut found = leaks(&run.planted, &places);
    let unproven: Vec<Place> = places.into_iter().filter(|(name, _)| !name.starts_with(PROVEN)).collect();
    found.extend(leaks(&run.credentials, &unproven));
    assert!(found.is_empty(), "{} leaks of {} canaries:\n{}", found.len(), run.planted.len(), found.join("\n"));
}
