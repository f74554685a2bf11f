//! The lines of a pipeline's text, each known by the part that it is in, so that a window of them can be rendered alone.

use super::Pipeline;
use crate::plan::JobId;
use std::ops::Range;

/// A part of the text that is rendered by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// What comes before the first job.
    Head,
    /// A job.
    Job(JobId),
    /// What comes after the last job.
    Tail,
}

/// Where the lines of every part begin; lines count from zero.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    jobs: Vec<JobId>,
    /// The first line of every part, and the number of all lines.
    starts: Vec<usize>,
}

impl Lines {
    /// Counts the lines of all parts; takes as long as rendering the whole text.
    pub fn new(pipeline: &Pipeline) -> Self {
        let jobs: Vec<JobId> = pipeline.jobs().collect();
        let mut starts = Vec::with_capacity(jobs.len() + 3);
        let mut text = String::new();
        let mut line = 0;
        let parts = jobs.iter().map(|id| Part::Job(*id));
        for part in std::iter::once(Part::Head).chain(parts).chain([Part::Tail]) {
            starts.push(line);
            text.clear();
            pipeline.append(part, &mut text);
            line += text.bytes().filter(|byte| *byte == b'\n').count();
        }
        starts.push(line);
        Self { jobs, starts }
    }

    /// Returns the number of lines.
    pub fn len(&self) -> usize {
        self.starts.last().copied().unwrap_or(0)
    }

    /// Tells whether there are none, as of a pipeline that was never counted.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the part that a line is in.
    pub fn part_at(&self, line: usize) -> Part {
        self.part(self.index_at(line))
    }

    /// Returns the first line of a job's text; none if it is not part of the pipeline.
    pub fn start_of(&self, id: JobId) -> Option<usize> {
        let index = self.jobs.binary_search(&id).ok()?;
        self.starts.get(index + 1).copied()
    }

    /// Returns the next job, after (`by` > 0) or before the line's part, that `wanted` approves of, going round at the
    /// end.
    pub fn find(&self, line: usize, by: isize, wanted: impl Fn(JobId) -> bool) -> Option<JobId> {
        let count = self.jobs.len();
        // Part 0 is the head: the job of part `i` is number `i - 1`.
        let at = self.index_at(line);
        let (next, previous) = (at.min(count), (at.max(1) + 2 * count).saturating_sub(2));
        (0..count)
            .map(|step| if by > 0 { (next + step) % count } else { (previous - step) % count })
            .map(|index| self.jobs[index])
            .find(|id| wanted(*id))
    }

    /// Renders lines, without their line ends.
    pub fn render(&self, pipeline: &Pipeline, window: Range<usize>) -> Vec<String> {
        let window = window.start..window.end.min(self.len());
        let mut lines = Vec::with_capacity(window.len());
        let mut text = String::new();
        for index in self.index_at(window.start)..self.starts.len().saturating_sub(1) {
            let at = window.start + lines.len();
            if at >= window.end {
                break;
            }
            text.clear();
            pipeline.append(self.part(index), &mut text);
            let part = text.lines().skip(at.saturating_sub(self.starts[index])).take(window.end - at);
            lines.extend(part.map(str::to_owned));
        }
        lines
    }

    fn part(&self, index: usize) -> Part {
        match index.checked_sub(1) {
            None => Part::Head,
            Some(job) => self.jobs.get(job).map_or(Part::Tail, |id| Part::Job(*id)),
        }
    }

    fn index_at(&self, line: usize) -> usize {
        let parts = self.starts.len().saturating_sub(1);
        self.starts.partition_point(|start| *start <= line).clamp(1, parts.max(1)) - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::concretize::{Lockfiles, concretize};
    use crate::environment::{Environment, condition::Context};
    use crate::plan::{Options, Planner};
    use crate::source::Source;
    use std::path::Path;
    use std::sync::Arc;

    fn pipeline() -> Pipeline {
        let text = include_str!("../../assets/examples/bootstrap/spack.yaml");
        let context = Context::default();
        let environment = Environment::parse(Source::new("spack.yaml", text), &context).unwrap();
        let locks = Lockfiles::load(&environment, Path::new("none/spack.yaml"), &[]).unwrap();
        let specs = concretize(&environment, &locks, &context.architecture()).unwrap();
        let plan = Planner::new(&environment, &specs, Options::default()).plan(&Arc::new(environment.rules.clone()));
        Pipeline::new(&environment, &Arc::new(plan))
    }

    #[test]
    fn every_window_shows_what_the_whole_text_has_there() {
        let pipeline = pipeline();
        let (lines, text) = (Lines::new(&pipeline), pipeline.to_text());
        let whole: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), whole.len());
        for start in (0..whole.len()).step_by(7) {
            let end = whole.len().min(start + 40);
            assert_eq!(lines.render(&pipeline, start..start + 40), whole[start..end]);
        }
        assert!(lines.render(&pipeline, whole.len() + 5..whole.len() + 9).is_empty());
    }

    #[test]
    fn the_jobs_are_met_one_after_the_other_in_both_directions() {
        let pipeline = pipeline();
        let lines = Lines::new(&pipeline);
        let jobs: Vec<JobId> = pipeline.jobs().collect();
        let walk = |by: isize| {
            let mut line = 0;
            jobs.iter()
                .map(|_| {
                    let id = lines.find(line, by, |_| true).unwrap();
                    line = lines.start_of(id).unwrap();
                    assert_eq!(lines.part_at(line), Part::Job(id));
                    id
                })
                .collect::<Vec<_>>()
        };
        assert_eq!(walk(1), jobs);
        assert_eq!(walk(-1), jobs.iter().rev().copied().collect::<Vec<_>>());
        assert_eq!(lines.find(lines.len() - 1, 1, |_| true), jobs.first().copied());
        assert_eq!(lines.find(0, 1, |_| false), None);
    }
}
