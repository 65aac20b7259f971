//! The published specifications beside the repository, and judges made from their schemas.
//!
//! Where the specifications are absent a test says so by name and passes, except in CI, where they must be there.
//! Invariant: a judge is shown broken copies of every body that it accepts, and must refuse some of them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::{env, fs};

use jsonschema::{Draft, Validator};
use serde_json::{Map, Value, json};

/// The fewest broken copies of a body that a judge must refuse: fewer, and it is blind.
const REFUSED_MIN: usize = 2;
/// How deep broken copies are made: what the bot reads lies no deeper.
const BREAK_DEPTH_MAX: usize = 4;
/// The most entries of one list that are broken, one at a time: the others have the same schema.
const BREAK_ITEMS_MAX: usize = 2;

/// A specification, read.
pub type Document = Arc<Value>;

/// The folder of specifications.
pub struct Specs(PathBuf);

impl Specs {
    /// The specifications, or a visible word that this test could not run without them.
    pub fn open(test: &str) -> Option<Self> {
        let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/specs");
        let folder = env::var_os("SEQN_SPECS").map_or(beside, PathBuf::from);
        if folder.is_dir() {
            return Some(Self(folder));
        }
        assert!(env::var_os("CI").is_none(), "{test} needs the specifications in {}", folder.display());
        eprintln!("SKIPPED {test}: there are no specifications in {}", folder.display());
        None
    }

    /// A specification in JSON or YAML. Each is read once.
    pub fn read(&self, name: &str) -> Document {
        static READ: Mutex<BTreeMap<String, Document>> = Mutex::new(BTreeMap::new());
        let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(document) = read.get(name) {
            return Arc::clone(document);
        }
        let text = fs::read_to_string(self.0.join(name)).unwrap_or_else(|wrong| panic!("{name}: {wrong}"));
        let value: Value = if name.ends_with(".json") {
            serde_json::from_str(&text).unwrap_or_else(|wrong| panic!("{name}: {wrong}"))
        } else {
            serde_yaml_ng::from_str(&text).unwrap_or_else(|wrong| panic!("{name}: {wrong}"))
        };
        let document = Arc::new(value);
        read.insert(name.into(), Arc::clone(&document));
        document
    }
}

/// One operation of a specification.
pub struct Operation<'a> {
    document: &'a Value,
    /// The path as the specification writes it.
    pub template: &'a str,
    shared: &'a Value,
    own: &'a Value,
}

impl<'a> Operation<'a> {
    /// The operation that answers a request to that path. A path without parameters wins.
    pub fn find(document: &'a Value, method: &str, path: &str) -> Option<Self> {
        let method = method.to_lowercase();
        let paths = document["paths"].as_object()?;
        let fitting = paths.iter().filter(|(template, item)| fits(template, path) && item.get(&method).is_some());
        let (template, item) = fitting.min_by_key(|(template, _)| template.matches('{').count())?;
        Some(Self { document, template, shared: &item["parameters"], own: &item[&method] })
    }

    /// Its `operationId`.
    pub fn id(&self) -> &'a str {
        self.own["operationId"].as_str().unwrap_or_default()
    }

    /// Whether it has a parameter of that name in that place (`query`, `header`).
    pub fn takes(&self, place: &str, name: &str) -> bool {
        let lists = [self.shared, self.own.get("parameters").unwrap_or(&Value::Null)];
        lists.into_iter().filter_map(Value::as_array).flatten().any(|parameter| {
            let parameter = resolve(self.document, parameter);
            parameter["in"] == place && parameter["name"].as_str().is_some_and(|its| its.eq_ignore_ascii_case(name))
        })
    }

    /// The judge of its request bodies.
    pub fn request(&self) -> Validator {
        let body = resolve(self.document, &self.own["requestBody"]);
        // Swagger 2 has the body among the parameters.
        let parameters = self.own["parameters"].as_array().into_iter().flatten();
        let among = parameters.map(|one| resolve(self.document, one)).find(|one| one["in"] == "body");
        judge(self.document, among.map_or(&body["content"]["application/json"]["schema"], |body| &body["schema"]))
    }

    /// The judge of its answers with that status: `None` where none is declared, `Some(None)` where it has no body.
    pub fn answer(&self, status: u16) -> Option<Option<Validator>> {
        let answer = resolve(self.document, self.own["responses"].get(status.to_string())?);
        let schema = answer.get("content").and_then(|content| content.get("application/json")?.get("schema"));
        let schema = schema.or_else(|| answer.get("schema"));
        Some(schema.map(|schema| judge(self.document, schema)))
    }
}

/// Holds that the judge refuses each of these bodies.
pub fn refuses(what: &str, judge: &Validator, bodies: &[Value]) {
    for body in bodies {
        assert!(!judge.is_valid(body), "{what}: a wrong body passes: {body}");
    }
}

/// A copy of a body with another value at a place in it; `None` takes the place away.
pub fn with(body: &Value, place: &str, value: Option<Value>) -> Value {
    let mut copy = body.clone();
    let (parent, name) = place.rsplit_once('/').expect("a pointer has a slash");
    let parent = copy.pointer_mut(parent).and_then(Value::as_object_mut);
    let parent = parent.unwrap_or_else(|| panic!("{place} is in no object of {body}"));
    match value {
        Some(value) => parent.insert(name.to_owned(), value),
        None => parent.remove(name),
    };
    copy
}

/// Holds that the judge accepts a body, and is not blind.
pub fn accepts(what: &str, judge: &Validator, body: &Value) {
    if let Err(why) = verdict(judge, body) {
        panic!("{what}: {why}\n{body}");
    }
}

/// What is wrong with a body, or with its judge.
fn verdict(judge: &Validator, body: &Value) -> Result<(), String> {
    let complaints: Vec<String> =
        judge.iter_errors(body).map(|wrong| format!("{}: {wrong}", wrong.instance_path())).collect();
    if !complaints.is_empty() {
        return Err(complaints.join("\n"));
    }
    let mut broken = Vec::new();
    breaks(body, 0, &mut broken);
    let (refused, all) = (broken.iter().filter(|copy| !judge.is_valid(copy)).count(), broken.len());
    let seeing = refused >= REFUSED_MIN;
    if seeing { Ok(()) } else { Err(format!("the judge is blind: it refuses {refused} of {all} broken copies")) }
}

/// Copies of a value with one thing wrong in each: another type, or a field left out.
fn breaks(value: &Value, depth: usize, out: &mut Vec<Value>) {
    out.push(if value.is_array() { json!("broken") } else { json!([["broken"]]) });
    if depth == BREAK_DEPTH_MAX {
        return;
    }
    let mut inner = Vec::new();
    match value {
        Value::Object(map) => {
            for (key, field) in map {
                let mut without = map.clone();
                without.remove(key);
                out.push(Value::Object(without));
                breaks(field, depth + 1, &mut inner);
                out.extend(inner.drain(..).map(|copy| {
                    let mut broken = map.clone();
                    broken.insert(key.clone(), copy);
                    Value::Object(broken)
                }));
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate().take(BREAK_ITEMS_MAX) {
                breaks(item, depth + 1, &mut inner);
                out.extend(inner.drain(..).map(|copy| {
                    let mut broken = items.clone();
                    broken[at] = copy;
                    Value::Array(broken)
                }));
            }
        }
        _ => {}
    }
}

/// A judge for a schema of that document.
fn judge(document: &Value, schema: &Value) -> Validator {
    assert!(schema.is_object(), "there is no schema");
    let modern = document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1"));
    let mut needed = Map::new();
    gather(document, schema, &mut needed);
    let mut whole = json!({"allOf": [schema], "components": {"schemas": needed}, "definitions": needed});
    if !modern {
        rewrite_nullable(&mut whole);
    }
    let draft = if modern { Draft::Draft202012 } else { Draft::Draft4 };
    let options =
        jsonschema::options().with_draft(draft).should_validate_formats(true).should_ignore_unknown_formats(true);
    options.build(&whole).unwrap_or_else(|wrong| panic!("a schema cannot be used: {wrong}"))
}

/// Copies the named schemas that a schema needs, so that a judge holds no more than it uses.
fn gather(document: &Value, schema: &Value, needed: &mut Map<String, Value>) {
    match schema {
        Value::Object(map) => {
            let to = map.get("$ref").and_then(Value::as_str);
            let name = to.and_then(|to| to.strip_prefix("#/components/schemas/").or(to.strip_prefix("#/definitions/")));
            if let Some((to, name)) = to.zip(name).filter(|(_, name)| !needed.contains_key(*name)) {
                let found = resolve(document, &json!({"$ref": to})).clone();
                assert!(found.is_object(), "{name} is no schema");
                needed.insert(name.into(), found.clone());
                gather(document, &found, needed);
            }
            map.values().for_each(|inner| gather(document, inner, needed));
        }
        Value::Array(items) => items.iter().for_each(|inner| gather(document, inner, needed)),
        _ => {}
    }
}

/// Says `nullable: true` of OpenAPI 3.0 in words that JSON Schema knows.
fn rewrite_nullable(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            map.values_mut().for_each(rewrite_nullable);
            if map.remove("nullable") == Some(json!(true)) {
                let inner = Value::Object(std::mem::take(map));
                map.insert("anyOf".into(), json!([inner, {"type": "null"}]));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(rewrite_nullable),
        _ => {}
    }
}

/// What a `$ref` to anything within the document points to.
fn resolve<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let pointer = value.get("$ref").and_then(Value::as_str).and_then(|to| to.strip_prefix('#'));
    pointer.map_or(value, |pointer| document.pointer(pointer).expect("a reference points to something"))
}

fn fits(template: &str, path: &str) -> bool {
    let (ours, theirs): (Vec<&str>, Vec<&str>) = (template.split('/').collect(), path.split('/').collect());
    let same = |(a, b): (&&str, &&str)| a == b || (a.starts_with('{') && !b.is_empty());
    ours.len() == theirs.len() && ours.iter().zip(&theirs).all(same)
}

#[test]
fn a_blind_judge_is_seen() {
    let judge_of = |schema: Value| judge(&json!({"openapi": "3.0.3"}), &schema);
    let strict = judge_of(
        json!({"type": "object", "required": ["a"], "properties": {"a": {"type": "string", "nullable": true}}}),
    );
    assert_eq!(verdict(&strict, &json!({"a": "x"})), Ok(()));
    assert_eq!(verdict(&strict, &json!({"a": null})), Ok(()), "null is allowed");
    assert!(verdict(&strict, &json!({"a": 1})).is_err());
    assert!(verdict(&judge_of(json!({})), &json!({"a": "x"})).is_err_and(|why| why.contains("blind")));
}

#[test]
fn a_path_without_parameters_wins() {
    let document = json!({"paths": {"/users/{id}/": {"get": {}}, "/users/me/": {"get": {}}, "/users/": {"post": {}}}});
    assert_eq!(Operation::find(&document, "GET", "/users/me/").unwrap().template, "/users/me/");
    assert_eq!(Operation::find(&document, "GET", "/users/7/").unwrap().template, "/users/{id}/");
    assert!(Operation::find(&document, "GET", "/users/").is_none());
    assert!(Operation::find(&document, "GET", "/users/7").is_none());
}
