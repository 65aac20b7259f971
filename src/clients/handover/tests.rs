//! The ways out: what goes to whom, what a test of a way changes, and what is said when a way is closed.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use age::x25519::Identity;

use super::*;
use crate::guard::FingerprintKey;
use crate::model::{KeyOf, RequestId};

fn guard() -> Guard {
    Guard::new(FingerprintKey::new([0; 32]))
}

/// A key as SEQN Auth makes them, for no project.
fn key() -> Secret {
    Secret::new(["sk", "live", &"a7Kq9Z".repeat(5)].join("_"))
}

fn acme() -> OrgSlug {
    "acme".parse().expect("a slug")
}

fn handover(way: Way) -> Handover {
    Handover::new(HandoverConfig { default: Some(way), teams: Vec::new() }, guard())
}

fn passing(passing: Passing) -> Handover {
    handover(Way { recipients: Vec::new(), passing: Some(passing) })
}

async fn passed(handover: &Handover, item: &str) -> Result<(), NoWay> {
    let (org, of, request) = (acme(), KeyOf::Webhook(item.into()), "rq-1".parse::<RequestId>().expect("an id"));
    handover.pass(Label { org: &org, key: &of, request: &request }, &key()).await
}

fn shell(does: &str, test: &str) -> Handover {
    let words = |script: &str| vec!["/bin/sh".to_owned(), "-c".to_owned(), script.to_owned()];
    let mut all = words(does);
    all.extend(["{org}".to_owned(), "{item}".to_owned()]);
    passing(Passing::Command(Command::new(all, words(test)).expect("a command")))
}

#[test]
fn what_is_sealed_opens_for_each_receiver_and_never_looks_like_a_secret() {
    let identities = [Identity::generate(), Identity::generate(), Identity::generate(), Identity::generate()];
    let recipients: Vec<Recipient> =
        identities.iter().map(|one| one.to_public().to_string().parse().expect("a recipient")).collect();
    let handover = handover(Way { recipients, passing: None });
    let guard = guard();
    for _ in 0..40 {
        let sealed = handover.seal(&acme(), &key()).expect("sealed").expect("there are receivers");
        assert!(guard.review(&sealed).is_empty(), "{sealed}");
        assert!(guard.review(&format!("it is {}", sealed.replace('\n', " "))).is_empty(), "{sealed}");
        assert!(!sealed.contains(key().expose().get(8..).expect("a body")), "{sealed}");
        for identity in &identities {
            let opened = age::decrypt(identity, sealed.as_bytes()).expect("it opens");
            assert_eq!(opened, key().expose().as_bytes());
        }
        assert!(age::decrypt(&Identity::generate(), sealed.as_bytes()).is_err(), "for nobody else");
    }
}

#[tokio::test]
async fn a_team_s_way_goes_before_the_default_and_nothing_is_no_way() {
    let recipient = |identity: &Identity| identity.to_public().to_string().parse::<Recipient>().expect("a recipient");
    let (all, team) = (Identity::generate(), Identity::generate());
    let way = |identity| Way { recipients: vec![recipient(identity)], passing: None };
    let teams = vec![Team { name: "platform".into(), orgs: BTreeSet::from([acme()]), way: way(&team) }];
    let ways = Handover::new(HandoverConfig { default: Some(way(&all)), teams: teams.clone() }, guard());
    let other: OrgSlug = "globex".parse().expect("a slug");
    assert_eq!(ways.way(&acme()).expect("a way").name, "platform");
    assert_eq!(ways.way(&other).expect("a way").name, "the default receivers");
    let sealed = ways.seal(&acme(), &key()).expect("sealed").expect("there is a receiver");
    assert!(age::decrypt(&team, sealed.as_bytes()).is_ok() && age::decrypt(&all, sealed.as_bytes()).is_err());
    assert_eq!(ways.test(&acme()).await, Ok(()));

    let only = Handover::new(HandoverConfig { default: None, teams }, guard());
    assert_eq!(only.way(&other), None);
    assert!(only.test(&other).await.is_err() && only.seal(&other, &key()).is_err());
}

#[tokio::test]
async fn a_command_gets_the_key_on_its_input_and_neither_words_nor_environment_hold_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let shown = folder.path().display();
    let takes = format!("cat > {shown}/$0.$1; env > {shown}/env; echo \"$0 $1 $#\" > {shown}/words");
    let handover = shell(&takes, &format!("echo tested >> {shown}/tests"));
    assert_eq!(handover.test(&acme()).await, Ok(()));
    assert_eq!(fs::read_dir(folder.path()).expect("read").count(), 1, "the test has passed nothing on");
    assert_eq!(passed(&handover, "wh_1").await, Ok(()));
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).expect("read");
    assert_eq!(read("acme.wh_1"), key().expose());
    assert_eq!(read("words"), "acme wh_1 1\n");
    let environment: Vec<String> =
        read("env").lines().filter_map(|line| Some(line.split_once('=')?.0.to_owned())).collect();
    let known = ["PATH", "HOME", "PWD", "SHLVL", "_", "OLDPWD"];
    assert!(environment.iter().all(|name| known.contains(&name.as_str())), "{environment:?}");
}

#[tokio::test]
async fn a_command_that_cannot_or_does_not_is_said_and_its_words_are_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let words = |program: &str| vec![program.to_owned()];
    let nowhere = folder.path().join("none").display().to_string();
    let missing = Command::new(words(&nowhere), words("/bin/true")).expect("a command");
    let says = passing(Passing::Command(missing)).test(&acme()).await.expect_err("missing").to_string();
    assert!(says.contains("is not there or may not be run"), "{says}");
    let plain = folder.path().join("plain");
    fs::write(&plain, "no program").expect("written");
    let plain = Command::new(words(&plain.display().to_string()), words("/bin/true")).expect("a command");
    assert!(passing(Passing::Command(plain)).test(&acme()).await.is_err(), "it may not be run");
    let says = shell("cat", "exit 4").test(&acme()).await.expect_err("closed").to_string();
    assert_eq!(says, "The test of the command /bin/sh failed: it ended with 4.");
    let says = passed(&shell("cat >&2; exit 3", "true"), "wh_1").await.expect_err("failed").to_string();
    assert_eq!(says, "The command /bin/sh failed: it ended with 3.");
    let says = passed(&shell("kill -9 $$", "true"), "wh_1").await.expect_err("killed").to_string();
    assert!(says.starts_with("The command /bin/sh failed: it "), "{says}");
    let says = passed(&shell("cat > /dev/null", "true"), "-rf").await.expect_err("an option").to_string();
    assert!(says.contains("taken for an option"), "{says}");
}

#[tokio::test]
async fn a_file_is_new_private_and_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = format!("{}/{{org}}.{{item}}.{{request}}", folder.path().display());
    let place = FilePlace::new(&path, Path::new("/var/lib/bot/bot.db")).expect("a place");
    let handover = passing(Passing::File(place));
    assert_eq!(handover.test(&acme()).await, Ok(()));
    assert_eq!(fs::read_dir(folder.path()).expect("read").count(), 0, "a test leaves nothing behind");
    assert_eq!(passed(&handover, "wh_1").await, Ok(()));
    let made = folder.path().join("acme.wh_1.rq-1");
    assert_eq!(fs::read_to_string(&made).expect("read"), key().expose());
    assert_eq!(made.metadata().expect("rights").mode() & 0o777, 0o600);

    fs::write(&made, "another one's").expect("written");
    let says = passed(&handover, "wh_1").await.expect_err("it is there").to_string();
    assert!(says.contains("could not be written"), "{says}");
    assert_eq!(fs::read_to_string(&made).expect("read"), "another one's");
    assert_eq!(fs::read_dir(folder.path()).expect("read").count(), 1, "no part is left behind");
}

#[tokio::test]
async fn a_folder_that_is_no_place_for_keys_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = |at: &Path| {
        let path = format!("{}/{{item}}.{{request}}", at.display());
        FilePlace::new(&path, Path::new("/var/lib/bot/bot.db")).map(|place| passing(Passing::File(place)))
    };
    let says = async |at: &Path| place(at).expect("a place").test(&acme()).await.expect_err("closed").to_string();
    assert!(says(&folder.path().join("none")).await.contains("cannot be looked at"));
    fs::write(folder.path().join("file"), "").expect("written");
    assert!(says(&folder.path().join("file")).await.contains("is no folder"));
    let open = folder.path().join("open");
    fs::create_dir(&open).expect("made");
    fs::set_permissions(&open, fs::Permissions::from_mode(0o777)).expect("opened");
    assert!(says(&open).await.contains("anybody may write into it"));

    let link = folder.path().join("link");
    std::os::unix::fs::symlink(folder.path(), &link).expect("a link");
    let beside = format!("{}/{{item}}.{{request}}", link.display());
    assert!(FilePlace::new(&beside, &folder.path().join("bot.db")).is_err(), "a link into the database's folder");
}
