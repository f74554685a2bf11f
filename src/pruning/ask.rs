//! Asks all mirrors at once what they have.

use super::client::Client;
use super::location::{Location, NotAsked};
use super::mirror::{Asked, Layout};
use super::problem::Problem;
use super::sought::{Effort, Found, Place, Sought, look};
use super::{Means, Mirrors, Progress};
use crate::environment::Mirror;
use crate::error::Result;
use crate::finding::{Finding, Rule, Severity};
use crate::http::Failure;
use crate::publish::watch::Reporter;
use crate::redact::redact;
use rustc_hash::FxHashSet;

/// What the mirrors have.
#[derive(Debug, Default)]
pub(super) struct Answer {
    /// For each spec that was sought the mirrors that have it, as `URL@vLAYOUT`.
    pub(super) mirrors: Vec<Vec<String>>,
    /// Which mirrors could not be asked, or not for everything.
    pub(super) findings: Vec<Finding>,
}

/// The indices of a mirror.
struct Indices {
    /// The hashes by layout, in the order of [`Layout::ALL`]; none where there is no index.
    by_layout: [Option<FxHashSet<String>>; 2],
    problem: Option<Problem>,
}

/// Asks the mirrors for binaries of specs.
pub(super) fn ask(
    mirrors: &[Mirror],
    sought: &[Sought],
    wanted: Mirrors,
    means: &Means,
    reporter: &Reporter<Progress>,
) -> Result<Answer> {
    let mut answer = Answer { mirrors: vec![Vec::new(); sought.len()], findings: Vec::new() };
    let mut asked = Vec::new();
    for mirror in mirrors.iter().filter(|mirror| mirror.has_binaries()) {
        let url = redact(&mirror.fetch_url);
        match Location::of(mirror) {
            Ok(location) => {
                let one = Asked { name: mirror.name.clone(), url, location, view: mirror.view.clone() };
                asked.push((one, mirror));
            }
            Err(refusal) => answer.findings.push(not_asked(mirror, &url, &refusal)),
        }
    }
    let client = Client::new(&means.patience, reporter);
    let indices = read_all(&asked, &client, means, reporter);
    reporter.check()?;
    for (position, spec) in sought.iter().enumerate() {
        for ((mirror, _), indices) in asked.iter().zip(&indices) {
            for (layout, hashes) in Layout::ALL.into_iter().zip(&indices.by_layout) {
                if hashes.as_ref().is_some_and(|hashes| hashes.contains(&spec.hash)) {
                    answer.mirrors[position].push(label(mirror, layout));
                }
            }
        }
    }
    for ((mirror, entry), indices) in asked.iter().zip(&indices) {
        answer.findings.extend(indices.problem.as_ref().map(|problem| unread(mirror, entry, problem)));
    }
    if wanted == Mirrors::IndicesAndSpecs {
        look_for_rest(&asked, &indices, sought, &client, means, reporter, &mut answer);
    }
    reporter.check()?;
    Ok(answer)
}

/// Reads the indices of all mirrors, each on a thread of its own.
fn read_all(
    asked: &[(Asked, &Mirror)],
    client: &Client<'_>,
    means: &Means,
    reporter: &Reporter<Progress>,
) -> Vec<Indices> {
    let read = |mirror: &Asked| {
        reporter.report(Progress::Index { mirror: mirror.name.clone() });
        read_both(mirror, client, means)
    };
    let mut all = Vec::new();
    for group in asked.chunks(means.patience.at_once.max(1)) {
        let answers: Vec<Indices> = std::thread::scope(|scope| {
            let threads: Vec<_> = group.iter().map(|(mirror, _)| scope.spawn(|| read(mirror))).collect();
            let lost = || Indices { by_layout: [None, None], problem: Some(Problem::Cancelled) };
            threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| lost())).collect()
        });
        all.extend(answers);
    }
    all
}

/// Reads the indices that a mirror has; a view has but the newer layout.
fn read_both(mirror: &Asked, client: &Client<'_>, means: &Means) -> Indices {
    let mut indices = Indices { by_layout: [None, None], problem: None };
    let layouts = if mirror.view.is_some() { &Layout::ALL[..1] } else { &Layout::ALL[..] };
    for (slot, layout) in indices.by_layout.iter_mut().zip(layouts) {
        match mirror.index(*layout, client, means.cache.as_deref()) {
            Ok(hashes) => *slot = Some(hashes),
            Err(Problem::Missing) => {}
            Err(problem) => {
                indices.problem = Some(problem);
                break;
            }
        }
    }
    if indices.problem.is_none() && indices.by_layout.iter().all(Option::is_none) {
        indices.problem = Some(Problem::Missing);
    }
    indices
}

/// Looks for the specs that no index has on the mirrors that can be reached.
fn look_for_rest(
    asked: &[(Asked, &Mirror)],
    indices: &[Indices],
    sought: &[Sought],
    client: &Client<'_>,
    means: &Means,
    reporter: &Reporter<Progress>,
    answer: &mut Answer,
) {
    let mut places = Vec::new();
    let mut entries = Vec::new();
    for ((mirror, entry), indices) in asked.iter().zip(indices) {
        let indexed = Layout::ALL.into_iter().zip(&indices.by_layout).filter(|(_, hashes)| hashes.is_some());
        let indexed: Vec<Layout> = indexed.map(|(layout, _)| layout).collect();
        let layouts = match &indices.problem {
            None => indexed,
            Some(Problem::Missing | Problem::Content(_) | Problem::Http(Failure::TooLong)) if mirror.view.is_none() => {
                Layout::ALL.to_vec()
            }
            Some(_) => continue,
        };
        places.push(Place { mirror, layouts });
        entries.push(*entry);
    }
    let missing = |index: &usize| answer.mirrors[*index].is_empty() && sought[*index].effort == Effort::Full;
    let rest: Vec<usize> = (0..sought.len()).filter(missing).collect();
    if rest.is_empty() || places.is_empty() {
        return;
    }
    let specs: Vec<&Sought> = rest.iter().map(|index| &sought[*index]).collect();
    let Found { there, failures } = look(&specs, &places, means.patience.at_once, client, reporter);
    for (spec, place, layout) in there {
        answer.mirrors[rest[spec]].push(label(places[place].mirror, layout));
    }
    for ((place, entry), failure) in places.iter().zip(entries).zip(failures) {
        let Some((problem, count)) = failure else { continue };
        let message = format!(
            "{} not looked for on the mirror `{}` ({}): {problem}; they are built",
            if count == 1 { "1 spec was".to_owned() } else { format!("{count} specs were") },
            place.mirror.name,
            place.mirror.url
        );
        answer.findings.push(warning(entry, message, problem.hint()));
    }
}

fn label(mirror: &Asked, layout: Layout) -> String {
    format!("{}@v{}", mirror.url, layout.number())
}

fn warning(mirror: &Mirror, message: String, hint: &str) -> Finding {
    Finding::new(Severity::Warning, Rule::Mirror, message).at(&mirror.place).hint(hint)
}

fn not_asked(mirror: &Mirror, url: &str, refusal: &NotAsked) -> Finding {
    let message = format!(
        "the mirror `{}` ({url}) is not asked: {}; what it has is built all the same",
        mirror.name, refusal.reason
    );
    warning(mirror, message, refusal.hint)
}

fn unread(mirror: &Asked, entry: &Mirror, problem: &Problem) -> Finding {
    let message = match problem {
        Problem::Missing => format!("the mirror `{}` ({}) has no index", mirror.name, mirror.url),
        Problem::Content(_) => format!("the mirror `{}` ({}): {problem}", mirror.name, mirror.url),
        _ => format!("the index of the mirror `{}` ({}) cannot be read: {problem}", mirror.name, mirror.url),
    };
    warning(entry, message, problem.hint())
}
