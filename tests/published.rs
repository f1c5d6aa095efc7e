//! What we publish is true: paths, functions and commands that documents name exist, configurations load, the YAML that
//! a README shows is a file's, and the rooms are as apart as ARCHITECTURE.md says.

// The lints against panics are for code that runs behind a proxy.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::arithmetic_side_effects, clippy::disallowed_methods, missing_docs)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use harness::gateway::{FILES, Files};
use harness::{Envoy, StartFailure, workspace};

// Documents.

#[test]
fn every_path_that_a_document_names_exists() {
    let mut missing = Vec::new();
    for document in documents() {
        for named in document.spans().into_iter().filter(|span| is_path(span)) {
            if !document.finds(&named) {
                missing.push(format!("{}: `{named}`", document.name()));
            }
        }
    }
    assert!(missing.is_empty(), "named and not there:\n{}", missing.join("\n"));
}

#[test]
fn every_link_leads_to_a_file() {
    let mut missing = Vec::new();
    for document in documents() {
        for target in document.links() {
            let file = target.split('#').next().unwrap_or_default();
            if !file.is_empty() && !file.contains("://") && !document.folder().join(file).exists() {
                missing.push(format!("{}: ({target})", document.name()));
            }
        }
    }
    assert!(missing.is_empty(), "links to nothing:\n{}", missing.join("\n"));
}

/// `admit()` beside `src/adapter/live.rs` means that the file has such a function.
#[test]
fn every_function_that_architecture_names_is_in_a_file_beside_it() {
    let document = Document::read(workspace().join("ARCHITECTURE.md"));
    let mut missing = Vec::new();
    for item in document.items() {
        let spans = spans(&item);
        let files: Vec<String> = spans
            .iter()
            .filter(|span| Path::new(span).extension().is_some_and(|kind| kind == "rs"))
            .map(|span| read_named(span))
            .collect();
        for name in spans.iter().filter_map(|span| span.strip_suffix("()")) {
            let name = name.rsplit("::").next().unwrap_or(name);
            let is_there =
                |text: &String| text.contains(&format!("fn {name}(")) || text.contains(&format!("fn {name}<"));
            if !files.iter().any(is_there) {
                missing.push(format!("`{name}()` in: {item}"));
            }
        }
    }
    assert!(missing.is_empty(), "functions that no file beside them has:\n{}", missing.join("\n"));
}

/// `guided_grammar` stands in tables of requests and nowhere else.
#[test]
fn a_filter_that_looks_for_no_endpoint_has_no_tables_in_its_module() {
    for (filter, has_tables) in [
        ("authn", false),
        ("rbac", true),
        ("ratelimit-shared-data", true),
        ("schema-check", true),
        ("prompt-guard", true),
    ] {
        let module = fs::read(harness::wasm(filter)).unwrap();
        let names_one = module.windows(14).any(|bytes| bytes == b"guided_grammar");
        assert_eq!(names_one, has_tables, "{filter}.wasm");
    }
}

#[test]
fn every_make_target_that_a_document_names_exists() {
    let makefile = read("Makefile");
    let targets: Vec<&str> = makefile.lines().filter_map(|line| line.split_once(':')).map(|(name, _)| name).collect();
    let mut missing = Vec::new();
    for document in documents() {
        for command in document.commands() {
            for target in command.split_whitespace().skip(1).take_while(|word| *word != "#") {
                if !target.contains('=') && !targets.contains(&target) {
                    missing.push(format!("{}: {command}", document.name()));
                }
            }
        }
    }
    assert!(missing.is_empty(), "no such target:\n{}", missing.join("\n"));
}

/// A block can say whose text it is, ```` ```yaml envoy/stats.yaml ````, and YAML must: it is that file's, or some lines
/// of it in a row.
#[test]
fn a_block_that_names_a_file_is_its_text() {
    let mut wrong = Vec::new();
    for document in documents() {
        for Block { language, file, text } in document.blocks() {
            let must_name = language == "yaml" || !file.is_empty();
            if must_name && !(is_path(&file) && outdented(&read_named(&file)).any(|whole| whole.contains(&text))) {
                wrong.push(format!("{}: ```{language} {file}", document.name()));
            }
        }
    }
    assert!(wrong.is_empty(), "text of no file, or in another form:\n{}", wrong.join("\n"));
}

#[test]
fn the_readmes_calls_are_those_that_make_run_prints() {
    let program = "import calls; [print(c.curl(calls.Gateway('127.0.0.1:10000'))) for c in calls.three_calls('KEY')]";
    let output = Command::new("python3").current_dir(workspace().join("examples/demo")).args(["-c", program]).output();
    let printed = String::from_utf8(output.unwrap().stdout).unwrap();
    let readme = read("README.md").replace(" \\\n  ", " ");
    assert_eq!(printed.lines().count(), 3);
    for line in printed.lines() {
        assert!(readme.contains(&format!("{line}\n")), "README.md lacks\n{line}");
    }
}

#[test]
fn readme_is_one_screen() {
    let lines = read("README.md").lines().count();
    assert!(lines <= 60, "{lines} lines");
}

// Configurations.

#[test]
fn envoy_takes_every_configuration_we_publish() {
    for package in ["authn", "rbac", "ratelimit-shared-data", "schema-check", "prompt-guard", "hello-filter"] {
        harness::wasm(package);
    }
    let mut published = ["envoy", "examples"].map(|room| files_under(&workspace().join(room), &["yaml"])).concat();
    // What is no whole configuration is played by other tests: tests/mesh.rs, `make up`.
    published.retain(|file| fs::read_to_string(file).unwrap().contains("\nstatic_resources:"));
    assert!(published.len() >= 8, "{published:?}");
    let refused: Vec<String> =
        published.iter().filter_map(|file| validate(file).err()).map(|failure| failure.to_string()).collect();
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}

/// With the files that it names below `/etc/portcullis`.
fn validate(file: &Path) -> Result<(), StartFailure> {
    let text = fs::read_to_string(file).unwrap();
    if !text.contains(FILES) {
        return Envoy::validate_file(file);
    }
    let files = Files::new();
    Envoy::validate_file(&files.replace("envoy.yaml", &text.replace(FILES, files.path())))
}

/// The table of threats: what answers one is a line of the gateway, what shows it is a test.
#[test]
fn every_threat_has_its_line_and_its_test() {
    let (gateway, readme) = (read("envoy/gateway.yaml"), read("envoy/README.md"));
    let (_, table) = readme.split_once("### What answers which threat").unwrap();
    let files = files_under(&workspace().join("tests/gateway"), &["rs"]).into_iter().map(|file| shown(&file));
    let tests: String = files.chain(["tests/risk.rs".to_owned()]).map(|file| read(&file)).collect();
    let cases = files_under(&workspace().join("tests/cases"), &["yaml"]);
    let is_case = |file: &PathBuf, name: &str| file.file_name().unwrap().to_str().unwrap().starts_with(name);
    let is_shown = |name: &str| {
        cases.iter().any(|case| is_case(case, name))
            || tests.contains(&format!("fn {name}("))
            || read("tests/torture/src/staged.rs").contains(&format!("\"{name}\""))
    };
    let rows: Vec<Vec<&str>> = table
        .lines()
        .skip_while(|line| !line.starts_with("|---"))
        .skip(1)
        .take_while(|line| line.starts_with('|'))
        .map(|line| line.split(" | ").collect())
        .collect();
    assert!(rows.len() >= 20, "{}", rows.len());
    for row in rows {
        let lines = spans(row[1]).into_iter().filter(|span| span != "files" && !gateway.contains(span.as_str()));
        let shown = spans(row.get(2).unwrap_or(&"")).into_iter().filter(|span| !is_shown(span));
        assert_eq!(lines.chain(shown).collect::<Vec<_>>(), [""; 0], "{}", row[0]);
    }
}

#[test]
fn every_filters_yaml_has_the_labels_of_stats_yaml() {
    let stats = read("envoy/stats.yaml");
    let (_, tags) = stats.split_once("\nstats_config:\n").unwrap();
    for published in children("filters").into_iter().chain(["gateway".to_owned()]) {
        assert!(read(&format!("envoy/{published}.yaml")).ends_with(tags), "{published}");
    }
}

#[test]
fn make_run_answers_as_it_prints() {
    let script = workspace().join("examples/demo/run.py");
    for filter in children("filters") {
        drop(harness::wasm(&filter));
    }
    let alone = children("filters").into_iter().map(|filter| (filter, 3));
    for (filter, calls) in alone.chain([("gateway".to_owned(), 8)]) {
        let arguments = ["--check", "--no-build", "--port", "0", "--filter", &filter];
        let output = Command::new("python3").arg(&script).args(arguments).output().unwrap();
        let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(output.status.success() && text.matches(": as promised").count() == calls, "{filter}: {text}");
    }
}

// Rooms.

#[test]
fn pure_rooms_do_not_know_the_proxy() {
    let mut rooms = vec!["src/ai".to_owned(), "src/http".to_owned(), "src/json".to_owned(), "src/json.rs".to_owned()];
    for filter in children("filters") {
        rooms.extend(["policy", "policy.rs", "config.rs"].map(|room| format!("filters/{filter}/src/{room}")));
    }
    let rooms: Vec<PathBuf> =
        rooms.into_iter().map(|room| workspace().join(room)).filter(|room| room.exists()).collect();
    assert!(rooms.len() >= 5, "{rooms:?}");
    let doors = ["host::", "dyn Host", "dyn Proxy", "crate::adapter", "portcullis::adapter"];
    let found = lines_with(&rooms, |line| doors.iter().any(|door| line.contains(door)));
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn only_abi_is_unsafe() {
    let found = lines_with(&shipped(), |line| has_word(line, "unsafe"));
    let elsewhere: Vec<String> = found.into_iter().filter(|line| !line.starts_with("src/host/abi.rs:")).collect();
    assert!(elsewhere.is_empty(), "{}", elsewhere.join("\n"));
}

#[test]
fn only_the_door_names_the_sdk() {
    let found = lines_with(&shipped(), |line| has_word(line, "proxy_wasm"));
    let is_door = |line: &String| line.starts_with("src/host/") || line.starts_with("src/entry.rs:");
    let elsewhere: Vec<String> = found.into_iter().filter(|line| !is_door(line)).collect();
    assert!(elsewhere.is_empty(), "{}", elsewhere.join("\n"));
}

#[test]
fn filters_do_not_depend_on_the_sdk() {
    let manifests = ["filters", "examples"].map(|room| files_under(&workspace().join(room), &["toml"])).concat();
    assert!(manifests.len() >= 2, "{manifests:?}");
    for manifest in manifests {
        assert!(!fs::read_to_string(&manifest).unwrap().contains("proxy-wasm"), "{}", manifest.display());
    }
}

/// Two configurations can share a VM: what a filter remembers lives in the value that `compile` returned. The tables of
/// the AI vocabulary, which refer to each other, remember nothing of it: what they make once follows from themselves.
#[test]
fn nothing_is_remembered_outside_of_a_configuration() {
    let found = lines_with(&shipped(), |line| {
        let is_static = has_word(&line.replace("'static", ""), "static") && !is_table(line);
        is_static || has_word(line, "thread_local")
    });
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Constants, of which some are compiled when they are first used: nothing that somebody says comes into them.
fn is_table(line: &str) -> bool {
    const KINDS: [&str; 15] = [
        ": Shape =",
        ": Is =",
        ": &[Endpoint] =",
        ": &[&[Endpoint]] =",
        ": [(Dialect, &str); COUNT] =",
        ": Words =",
        ": [Rule; 3] =",
        ": [u8; 256] =",
        ": [Step; PLACES] =",
        ": Pages =",
        ": LazyLock<Words> =",
        ": LazyLock<Secrets> =",
        ": LazyLock<Option<AhoCorasick>> =",
        ": LazyLock<Option<Model>> =",
        ": LazyLock<Vec<usize>> =",
    ];
    KINDS.iter().any(|kind| line.split_once("static ").is_some_and(|(_, rest)| rest.contains(kind)))
}

#[test]
fn what_could_change_is_no_table() {
    assert!(is_table("pub(super) static CHAT: Shape = Shape::of("));
    for line in ["static SEEN: RefCell<Shape> = x;", "static mut SEEN: usize = 0;", "static ALL: OnceLock<Endpoint> ="]
    {
        assert!(!is_table(line), "{line}");
    }
}

// Reading.

struct Document {
    path: PathBuf,
    text: String,
}

fn documents() -> Vec<Document> {
    let mut paths: Vec<PathBuf> = files_in(&workspace(), "md");
    paths.extend(files_in(&workspace().join("envoy"), "md"));
    for room in ["filters", "examples"] {
        paths.extend(children(room).iter().flat_map(|child| files_in(&workspace().join(room).join(child), "md")));
    }
    let documents: Vec<Document> = paths.into_iter().map(Document::read).collect();
    for needed in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"] {
        assert!(documents.iter().any(|document| document.name() == needed), "no {needed}");
    }
    documents
}

impl Document {
    fn read(path: PathBuf) -> Self {
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self { path, text }
    }

    fn name(&self) -> String {
        shown(&self.path)
    }

    fn folder(&self) -> &Path {
        self.path.parent().unwrap()
    }

    /// A path is one from the root or from the document; a bare name is that of some file of a filter.
    fn finds(&self, named: &str) -> bool {
        let homes = children("filters").into_iter().map(|filter| workspace().join("filters").join(filter).join("src"));
        let bases = [workspace(), self.folder().to_path_buf()];
        bases.into_iter().chain(homes).any(|base| base.join(named).exists())
    }

    /// Its lines, and whether each stands in a fenced block, with the words behind the fence.
    fn lines(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.text.lines().scan(None, |fence, line| {
            let mark = line.trim_start().strip_prefix("```");
            let inside = *fence;
            match (mark, inside) {
                (Some(_), Some(_)) => *fence = None,
                (Some(words), None) => *fence = Some(words),
                (None, _) => {}
            }
            Some((line, inside.filter(|_| mark.is_none())))
        })
    }

    /// What stands between backticks in its prose.
    fn spans(&self) -> Vec<String> {
        self.lines().filter(|(_, fence)| fence.is_none()).flat_map(|(line, _)| spans(line)).collect()
    }

    fn links(&self) -> Vec<String> {
        let prose = self.lines().filter(|(_, fence)| fence.is_none());
        let targets = |(line, _): (&str, _)| -> Vec<String> {
            line.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(to, _)| to.to_owned()).collect()
        };
        prose.flat_map(targets).collect()
    }

    /// `make …`, in prose or at the beginning of a line of a block.
    fn commands(&self) -> Vec<String> {
        let fenced = self.lines().filter(|(_, fence)| fence.is_some());
        let fenced = fenced.map(|(line, _)| line.trim_start_matches(['$', ' ']).to_owned());
        fenced.chain(self.spans()).filter(|text| text.starts_with("make ")).collect()
    }

    /// Paragraphs, list items and rows of tables, each on one line.
    fn items(&self) -> Vec<String> {
        let mut items = vec![String::new()];
        for (line, _) in self.lines().filter(|(_, fence)| fence.is_none()) {
            let text = line.trim_start();
            let begins_item =
                text.is_empty() || text.starts_with(['|', '-', '#']) || text.starts_with(|c: char| c.is_ascii_digit());
            if begins_item {
                items.push(String::new());
            }
            let item = items.last_mut().unwrap();
            item.push_str(text);
            item.push(' ');
        }
        items
    }

    fn blocks(&self) -> Vec<Block> {
        let mut blocks: Vec<Block> = Vec::new();
        let mut was_inside = false;
        for (line, fence) in self.lines() {
            if let Some(words) = fence {
                if !was_inside {
                    let (language, file) = words.trim().split_once(' ').unwrap_or((words.trim(), ""));
                    blocks.push(Block { language: language.to_owned(), file: file.to_owned(), text: String::new() });
                }
                let text = &mut blocks.last_mut().unwrap().text;
                text.push_str(line);
                text.push('\n');
            }
            was_inside = fence.is_some();
        }
        blocks
    }
}

/// A fenced block: ```` ```language file ````.
struct Block {
    language: String,
    file: String,
    text: String,
}

fn spans(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Whether a span is the name of a file or folder of the repository. What a build makes is not.
fn is_path(span: &str) -> bool {
    let is_name = |c: char| c.is_ascii_alphanumeric() || "./_-".contains(c);
    let has_extension = [".rs", ".md", ".yaml", ".toml", ".py", ".json", ".sh"].iter().any(|end| span.ends_with(end));
    let is_made = span.starts_with("target/") || span.starts_with("../shared");
    let is_media_type = ["application/", "text/"].iter().any(|kind| span.starts_with(kind));
    let is_absolute = span.starts_with('/');
    span.chars().all(is_name) && (span.contains('/') || has_extension) && !is_made && !is_media_type && !is_absolute
}

/// A text at every indentation it has: an excerpt of it may stand further to the left.
fn outdented(text: &str) -> impl Iterator<Item = String> {
    (0..=40).step_by(2).map(move |spaces| {
        let margin = " ".repeat(spaces);
        let lines: Vec<&str> = text.lines().map(|line| line.strip_prefix(&margin).unwrap_or(line)).collect();
        lines.join("\n") + "\n"
    })
}

fn read(path: &str) -> String {
    fs::read_to_string(workspace().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A file that a document names; nothing when it is not there, which another test says.
fn read_named(path: &str) -> String {
    fs::read_to_string(workspace().join(path)).unwrap_or_default()
}

/// Where code is that runs behind a proxy.
fn shipped() -> Vec<PathBuf> {
    ["src", "filters", "examples"].map(|room| workspace().join(room)).to_vec()
}

/// Lines of Rust for which `is_found` holds, comments left out: `src/lib.rs:12: …`.
fn lines_with(rooms: &[PathBuf], is_found: impl Fn(&str) -> bool) -> Vec<String> {
    let files: Vec<PathBuf> = rooms.iter().flat_map(|room| files_under(room, &["rs"])).collect();
    assert!(!files.is_empty(), "{rooms:?}");
    let in_file = |file: &PathBuf| -> Vec<String> {
        let text = fs::read_to_string(file).unwrap();
        let code = text.lines().enumerate().map(|(at, line)| (at, line.split("//").next().unwrap_or_default()));
        let found = code.filter(|(_, line)| is_found(line));
        found.map(|(at, line)| format!("{}:{}: {}", shown(file), at + 1, line.trim())).collect()
    };
    files.iter().flat_map(in_file).collect()
}

/// Whether a line has this identifier, not as a part of a longer one.
fn has_word(line: &str, word: &str) -> bool {
    line.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').any(|found| found == word)
}

fn shown(path: &Path) -> String {
    path.strip_prefix(workspace()).unwrap_or(path).display().to_string()
}

/// The names of the folders in a folder.
fn children(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(workspace().join(folder)).unwrap().map(|entry| entry.unwrap());
    let folders = entries.filter(|entry| entry.path().is_dir());
    folders.map(|folder| folder.file_name().to_string_lossy().into_owned()).collect()
}

/// Files of this kind in a folder, not below it.
fn files_in(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.extension().is_some_and(|found| found == extension)).collect()
}

/// Files of these kinds in and below a folder; of a file, itself.
fn files_under(path: &Path, extensions: &[&str]) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_path_buf()];
    }
    let entries = fs::read_dir(path).into_iter().flatten().map(|entry| entry.unwrap().path());
    let below = |path: PathBuf| if path.is_dir() { files_under(&path, extensions) } else { vec![path] };
    let is_kind = |path: &PathBuf| extensions.iter().any(|kind| path.extension().is_some_and(|found| found == *kind));
    entries.flat_map(below).filter(is_kind).collect()
}
