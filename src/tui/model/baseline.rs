//! What has changed since the environment was loaded or, after that, saved last.

use super::document::Document;
use crate::edit::{MappingAt, Origins};
use crate::plan::Plan;
use crate::plan::assign::MappingId;
use crate::plan::change::Changes;
use rustc_hash::FxHashMap;

/// Which mapping of the older plan each mapping of the newer one was.
pub type Former = FxHashMap<MappingId, MappingId>;

/// What both plans know a mapping by.
#[derive(PartialEq, Eq, Hash)]
enum Shared {
    /// Where it stood in the text that the edits begin with.
    Edited(MappingAt),
    /// Its place in an included file.
    Included(String),
}

impl Document {
    /// Finds the mappings of the plan again in the one that was loaded or saved last.
    ///
    /// Both lists are followed back to the text that the edits of both begin with; that text is another than the older
    /// one where edits were undone that had been saved.
    pub fn former_mappings(&self) -> Former {
        let edits = || self.history.edits();
        let common = edits().zip(&self.loaded_edits).take_while(|(now, before)| now == before).count();
        let now = Origins::new(edits().skip(common));
        let before = Origins::new(self.loaded_edits.iter().skip(common));
        let manifest = self.history.current().name();
        let shared = |plan: &Plan, origins: &Origins, id: MappingId| match MappingAt::of(
            &plan.rules,
            manifest,
            id.section,
            id.mapping,
        ) {
            Some(at) => origins.of(at).map(Shared::Edited),
            // What is included is never edited, but other sections may come to stand before it.
            None => Some(Shared::Included(plan.mapping(id)?.place.to_string())),
        };
        let older: FxHashMap<Shared, MappingId> =
            mappings(&self.loaded).filter_map(|id| Some((shared(&self.loaded, &before, id)?, id))).collect();
        let newer = mappings(&self.plan);
        newer.filter_map(|id| Some((id, *older.get(&shared(&self.plan, &now, id)?)?))).collect()
    }

    /// Compares the plan with the one that was loaded or saved last.
    pub fn changes(&self) -> Changes {
        let former = self.former_mappings();
        Changes::between(&self.loaded, &self.plan, |id| former.get(&id).copied())
    }
}

/// Returns the mappings of a plan in order.
fn mappings(plan: &Plan) -> impl Iterator<Item = MappingId> {
    let lists = plan.rules.submappings();
    lists.flat_map(|(section, list)| (0..list.mappings.len()).map(move |mapping| MappingId { section, mapping }))
}
