//! GitLab's own rules, checked before anything is written (`lib/gitlab/ci/yaml_processor.rb`, GitLab 17).

use crate::finding::{Finding, Rule, Severity};
use rustc_hash::FxHashMap;

/// Longest name of a job or stage, in characters.
pub const MAX_NAME: usize = 255;
/// Most entries of `needs`: fixed on GitLab.com, the default elsewhere.
pub const MAX_NEEDS: usize = 50;
/// A job must have fewer tags than this.
pub const MAX_TAGS: usize = 50;
/// `max_yaml_size_bytes` up to GitLab 17.2.
pub const MAX_SIZE_BEFORE_17_3: usize = 1 << 20;
/// `max_yaml_size_bytes` from GitLab 17.3 on.
pub const MAX_SIZE: usize = 2 << 20;

/// Names that are keywords at the top level of a pipeline, or cannot be written as keys.
const RESERVED: [&str; 16] = [
    "image",
    "services",
    "stages",
    "before_script",
    "after_script",
    "variables",
    "cache",
    "include",
    "default",
    "workflow",
    "spec",
    "pages:deploy",
    "true",
    "false",
    "nil",
    "types",
];

/// Who names the jobs under `dependencies`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NamedBy {
    /// The plan.
    #[default]
    Plan,
    /// Sections of the environment, which `spack ci generate` hands on whatever they say.
    Sections,
}

/// What the rules look at in a job.
#[derive(Clone, Debug, Default)]
pub struct JobView<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its stage, as an index into the list of stages; none if that does not have it.
    pub stage: Option<usize>,
    /// The jobs under `dependencies`.
    pub dependencies: Vec<&'a str>,
    /// Who names them: what sections say wrongly is a warning.
    pub dependencies_by: NamedBy,
    /// The jobs under `needs`.
    pub needs: Vec<&'a str>,
    /// The number of its tags.
    pub tags: usize,
    /// The estimated size in Ruby's memory, in bytes.
    pub size: usize,
    /// Tells whether the job builds something, as opposed to jobs that come with every pipeline.
    pub builds: bool,
}

/// Returns what GitLab would object to.
pub fn check(stages: &[String], jobs: &[JobView<'_>]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut report = |message: String, hint: &str| {
        findings.push(Finding::new(Severity::Error, Rule::Gitlab, message).hint(hint));
    };
    if !jobs.iter().any(|job| job.builds) {
        report(
            "the pipeline has no job that builds anything".to_owned(),
            "GitLab does not create empty pipelines; check `specs` and the mappings",
        );
    }
    for stage in stages.iter().filter(|stage| stage.chars().count() > MAX_NAME) {
        report(format!("stage name `{stage}` is longer than {MAX_NAME} characters"), "shorten it");
    }
    let mut by_name = Names::default();
    for (index, job) in jobs.iter().enumerate() {
        if by_name.insert(job.name, index).is_some() {
            report(format!("two jobs are named `{}`", job.name), "GitLab would silently keep the last one only");
        }
    }
    for job in jobs {
        for (message, hint) in problems(job, jobs, &by_name) {
            report(format!("job `{}` {message}", job.name), hint);
        }
    }
    findings.extend(jobs.iter().flat_map(|job| check_dependencies(job, jobs, &by_name)));
    findings.extend(check_needs(jobs));
    findings.extend(check_size(stages, jobs));
    findings
}

/// Finds jobs by name. Most names that are looked up are the very strings of the jobs, and found by their address.
#[derive(Default)]
struct Names<'a> {
    by_text: FxHashMap<&'a str, usize>,
    by_address: FxHashMap<(*const u8, usize), usize>,
}

impl<'a> Names<'a> {
    fn insert(&mut self, name: &'a str, index: usize) -> Option<usize> {
        self.by_address.insert((name.as_ptr(), name.len()), index);
        self.by_text.insert(name, index)
    }

    fn get(&self, name: &str) -> Option<usize> {
        self.by_address.get(&(name.as_ptr(), name.len())).or_else(|| self.by_text.get(name)).copied()
    }
}

fn problems<'a>(job: &'a JobView<'a>, jobs: &'a [JobView<'a>], by_name: &'a Names<'a>) -> Vec<(String, &'static str)> {
    let mut problems = Vec::new();
    let length = job.name.chars().count();
    if length > MAX_NAME {
        problems.push((
            format!("has a name of {length} characters; GitLab allows {MAX_NAME}"),
            "shorten the build group or the phase's name",
        ));
    }
    if job.name.starts_with('.') {
        problems.push(("would be hidden, since its name starts with a dot".to_owned(), "rename it"));
    }
    if RESERVED.contains(&job.name) {
        problems.push(("has a name that is reserved".to_owned(), "rename it"));
    }
    if job.stage.is_none() {
        problems.push(("is in a stage that is not listed".to_owned(), "list its stage under `stages`"));
    }
    if job.tags >= MAX_TAGS {
        problems.push((
            format!("has {} tags; GitLab wants fewer than {MAX_TAGS}", job.tags),
            "remove tags from its mapping",
        ));
    }
    targets("need", &job.needs, job, jobs, by_name, &mut problems);
    problems
}

fn check_dependencies<'a>(job: &'a JobView<'a>, jobs: &'a [JobView<'a>], by_name: &'a Names<'a>) -> Vec<Finding> {
    let mut problems = Vec::new();
    targets("dependency", &job.dependencies, job, jobs, by_name, &mut problems);
    if !job.needs.is_empty() {
        let strange = job.dependencies.iter().filter(|name| !job.needs.contains(name));
        problems.extend(strange.map(|name| {
            (format!("has the dependency `{name}`, which is not among its needs"), "take it out of `dependencies`")
        }));
    }
    let severity = match job.dependencies_by {
        NamedBy::Plan => Severity::Error,
        NamedBy::Sections => Severity::Warning,
    };
    let finding = |(message, hint): (String, &str)| {
        Finding::new(severity, Rule::Gitlab, format!("job `{}` {message}", job.name)).hint(hint)
    };
    problems.into_iter().map(finding).collect()
}

fn targets(
    what: &str,
    names: &[&str],
    job: &JobView<'_>,
    jobs: &[JobView<'_>],
    by_name: &Names<'_>,
    problems: &mut Vec<(String, &'static str)>,
) {
    let mut last = None;
    for name in names {
        let Some(target) = by_name.get(name) else {
            problems.push((format!("has the undefined {what} `{name}`"), "it would reject the whole pipeline"));
            continue;
        };
        if jobs[target].stage >= job.stage && job.stage.is_some() {
            problems
                .push((format!("has the {what} `{name}`, which is not in an earlier stage"), "it would never start"));
        }
        // The lists are sorted, so that an entry that occurs twice stands beside itself.
        if last.replace(target) == Some(target) {
            problems.push((format!("names the {what} `{name}` twice"), "remove one"));
        }
    }
}

/// Reports the jobs with too many needs, which an administrator can allow.
fn check_needs(jobs: &[JobView<'_>]) -> Option<Finding> {
    let over = || jobs.iter().filter(|job| job.needs.len() > MAX_NEEDS);
    let most = over().max_by_key(|job| job.needs.len())?;
    let (name, needs, others) = (most.name, most.needs.len(), over().count() - 1);
    let others = if others > 0 { format!(", and {others} more are over the limit") } else { String::new() };
    let message = format!("job `{name}` needs {needs} jobs; GitLab.com allows {MAX_NEEDS}{others}");
    let hint = "on a GitLab of one's own, `ci_needs_size_limit` can be raised (it is 50 at first)";
    Some(Finding::new(Severity::Warning, Rule::Gitlab, message).hint(hint))
}

/// Returns about how many bytes GitLab's parser takes for the pipeline, which is what `max_yaml_size_bytes` limits.
pub fn parsed_size(stages: &[String], jobs: &[JobView<'_>]) -> usize {
    use super::size::{list, map, text};
    let inner: usize = jobs.iter().map(|job| text(job.name.len()) + job.size).sum();
    let names: usize = stages.iter().map(|stage| text(stage.len())).sum();
    map(jobs.len() + 1) + inner + text("stages".len()) + list(stages.len()) + names
}

fn check_size(stages: &[String], jobs: &[JobView<'_>]) -> Option<Finding> {
    let size = parsed_size(stages, jobs);
    if size <= MAX_SIZE_BEFORE_17_3 {
        return None;
    }
    let (severity, limit) = if size <= MAX_SIZE {
        (Severity::Note, "1 MB, the limit up to GitLab 17.2")
    } else {
        (Severity::Warning, "2 MB, the default limit from GitLab 17.3 on")
    };
    #[expect(clippy::cast_precision_loss, reason = "printed with one decimal")]
    let megabytes = size as f64 / f64::from(1u32 << 20);
    let message = format!("GitLab will take about {megabytes:.1} MB to parse this pipeline, which is over {limit}");
    let hint = "split the environment, or have `max_yaml_size_bytes` raised; the figure is an estimate of Ruby's memory, not the file's size";
    Some(Finding::new(severity, Rule::Gitlab, message).hint(hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job<'a>(name: &'a str, stage: usize, dependencies: &[&'a str]) -> JobView<'a> {
        JobView { name, stage: Some(stage), dependencies: dependencies.to_vec(), builds: true, ..JobView::default() }
    }

    fn messages(jobs: &[JobView<'_>]) -> Vec<String> {
        let stages = vec!["a".to_owned(), "b".to_owned()];
        check(&stages, jobs).into_iter().map(|finding| finding.message).collect()
    }

    #[test]
    fn a_sound_pipeline_has_no_findings() {
        assert_eq!(messages(&[job("x", 0, &[]), job("y", 1, &["x"])]), Vec::<String>::new());
    }

    #[test]
    fn undefined_later_and_same_stage_dependencies_are_found() {
        let found = messages(&[job("x", 0, &["y", "z"]), job("y", 1, &["y"])]);
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found[0].contains("not in an earlier stage"), "{found:?}");
        assert!(found[1].contains("undefined dependency `z`"), "{found:?}");
        assert!(found[2].contains("`y`, which is not in an earlier stage"), "{found:?}");
    }

    #[test]
    fn a_dependency_that_is_not_among_the_needs_is_found() {
        let needing = |needs: &[&'static str]| JobView { needs: needs.to_vec(), ..job("z", 1, &["x"]) };
        let found = messages(&[job("x", 0, &[]), job("y", 0, &[]), needing(&["y"])]);
        assert!(found.len() == 1 && found[0].contains("not among its needs"), "{found:?}");
        assert_eq!(messages(&[job("x", 0, &[]), needing(&["x"])]), Vec::<String>::new());
    }

    #[test]
    fn what_sections_say_wrongly_of_dependencies_is_a_warning() {
        let said = JobView { dependencies_by: NamedBy::Sections, ..job("x", 0, &["nowhere"]) };
        let findings = check(&["a".to_owned()], &[said]);
        assert!(findings.len() == 1 && findings[0].severity == Severity::Warning, "{findings:?}");
    }

    #[test]
    fn a_dependency_named_twice_is_found() {
        let found = messages(&[job("x", 0, &[]), job("y", 1, &["x", "x"])]);
        assert!(found[0].contains("twice"), "{found:?}");
    }

    #[test]
    fn duplicate_reserved_hidden_and_overlong_names_are_found() {
        let long = "n".repeat(256);
        let found = messages(&[
            job("x", 0, &[]),
            job("x", 0, &[]),
            job("image", 0, &[]),
            job(".x", 0, &[]),
            job(&long, 0, &[]),
        ]);
        assert_eq!(found.len(), 4, "{found:?}");
    }

    #[test]
    fn too_many_tags_and_needs_are_found() {
        let names: Vec<String> = (0..51).map(|i| format!("n{i:02}")).collect();
        let mut jobs: Vec<_> = names.iter().map(|name| job(name, 0, &[])).collect();
        let needs = names.iter().map(String::as_str).collect();
        jobs.push(JobView { needs, tags: 50, ..job("x", 1, &[]) });
        let found = messages(&jobs);
        assert_eq!(found.len(), 2, "{found:?}");
    }

    #[test]
    fn an_empty_pipeline_and_an_unknown_stage_are_found() {
        assert_eq!(messages(&[]).len(), 1);
        assert_eq!(messages(&[JobView { stage: None, ..job("x", 0, &[]) }]).len(), 1);
    }

    #[test]
    fn a_pipeline_beyond_the_size_limits_is_reported() {
        let big = |size| JobView { size, ..job("x", 0, &[]) };
        assert!(messages(&[big(1_500_000)])[0].contains("1.4 MB"));
        assert!(messages(&[big(3_000_000)])[0].contains("2 MB"));
    }
}
