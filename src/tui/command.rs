//! The commands of the terminal UI: one table that feeds keys, footer hints, the palette and the documentation.

/// Where a command's keys are in force; the innermost scope is asked first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Everywhere but in text fields.
    Global,
    /// Wherever a list or text can be moved through.
    List,
    /// The Specs screen.
    Specs,
    /// The Stages screen.
    Stages,
    /// The Runners screen.
    Runners,
    /// The Phases screen.
    Phases,
    /// The Pipeline screen.
    Pipeline,
    /// The Findings screen.
    Findings,
    /// The neighbourhood of a job.
    Graph,
    /// The review before anything is written.
    Review,
    /// A question.
    Confirm,
    /// A text field.
    Input,
    /// A list to choose from below a text field (palette, send to runner).
    Choice,
}

/// The scopes by name, in the order of the documentation.
pub const SCOPES: [(&str, Scope); 13] = [
    ("global", Scope::Global),
    ("list", Scope::List),
    ("specs", Scope::Specs),
    ("stages", Scope::Stages),
    ("runners", Scope::Runners),
    ("phases", Scope::Phases),
    ("pipeline", Scope::Pipeline),
    ("findings", Scope::Findings),
    ("graph", Scope::Graph),
    ("review", Scope::Review),
    ("confirm", Scope::Confirm),
    ("input", Scope::Input),
    ("choice", Scope::Choice),
];

impl Scope {
    /// Returns the scope's name in keymap files.
    pub fn name(self) -> &'static str {
        SCOPES.iter().find(|(_, scope)| *scope == self).map_or("", |(name, _)| *name)
    }
}

/// Declares the commands: variant, name, label for hints, scope, and a line that says what it does.
macro_rules! commands {
    ($($scope:ident { $($variant:ident, $name:literal, $label:literal, $doc:literal;)+ })+) => {
        /// What a user can do.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Command {
            $($(#[doc = $doc] $variant,)+)+
        }

        impl Command {
            /// All commands in the order of the documentation.
            pub const ALL: &'static [Self] = &[$($(Self::$variant,)+)+];

            /// Returns the name by which keymaps and the palette know the command.
            pub fn name(self) -> &'static str {
                match self { $($(Self::$variant => $name,)+)+ }
            }

            /// Returns the word or two that stand beside its key in the footer.
            pub fn label(self) -> &'static str {
                match self { $($(Self::$variant => $label,)+)+ }
            }

            /// Returns one line on what it does.
            pub fn doc(self) -> &'static str {
                match self { $($(Self::$variant => $doc,)+)+ }
            }

            /// Returns the scope that it belongs to.
            pub fn scope(self) -> Scope {
                match self { $($(Self::$variant => Scope::$scope,)+)+ }
            }
        }
    };
}

commands! {
    Global {
        Quit, "quit", "quit", "Leave; asks first if there are edits that are not saved";
        Palette, "palette", "commands", "Search all commands with their keys, and run one";
        ShowSpecs, "show-specs", "specs", "Show the expanded spec matrix";
        ShowStages, "show-stages", "stages", "Show the jobs by phase and stage";
        ShowRunners, "show-runners", "runners", "Show the runner mappings and sections, and edit them";
        ShowPhases, "show-phases", "phases", "Show the bootstrap phases and edit them";
        ShowPipeline, "show-pipeline", "pipeline", "Show the .gitlab-ci.yml as it would be written";
        ShowFindings, "show-findings", "findings", "Show the problems, worst first";
        NextPane, "next-pane", "next pane", "Move the focus to the next pane";
        PreviousPane, "previous-pane", "previous pane", "Move the focus to the previous pane";
        Zoom, "zoom", "zoom", "Give the focused pane the whole screen, or take it back";
        Filter, "filter", "filter", "Show only jobs that satisfy a spec constraint, or whose name holds a text";
        NextMatch, "next-match", "next match", "Go to the next row that the filter finds";
        PreviousMatch, "previous-match", "previous match", "Go to the previous row that the filter finds";
        Back, "back", "back", "Leave what is open, else clear the filter, else clear the marks";
        ToggleMark, "toggle-mark", "mark", "Mark or unmark the selected job, for commands that take several";
        SendToRunner, "send-to-runner", "send to runner", "Send the selected job, or all marked ones, to a runner by the narrowest match that does it";
        Undo, "undo", "undo", "Take the last edit back";
        Redo, "redo", "redo", "Do again what was undone";
        Concretize, "concretize", "concretize", "Let Spack concretize the environment as edited, in the background, and plan with its answer";
        Review, "review", "review", "Look over all changes, then write the files, push the branch and tell CDash";
        Copy, "copy", "copy", "Copy what is selected to the clipboard of the terminal";
        OpenEditor, "open-editor", "editor", "Open spack.yaml in $EDITOR at the place of what is selected";
        Reload, "reload", "reload", "Read the environment from disk again and apply the edits to it";
        AskMirrors, "ask-mirrors", "ask mirrors", "Ask mirrors, history and services again";
        Redraw, "redraw", "redraw", "Draw the whole screen anew";
        Suspend, "suspend", "suspend", "Put the program into the background of the shell";
        CancelWork, "cancel-work", "cancel", "Give up the work that is running in the background";
    }
    List {
        NextRow, "next-row", "down", "Go to the next row";
        PreviousRow, "previous-row", "up", "Go to the previous row";
        FirstRow, "first-row", "first", "Go to the first row";
        LastRow, "last-row", "last", "Go to the last row";
        HalfPageDown, "half-page-down", "half page down", "Go down half a screen";
        HalfPageUp, "half-page-up", "half page up", "Go up half a screen";
        PageDown, "page-down", "page down", "Go down a screen";
        PageUp, "page-up", "page up", "Go up a screen";
        MoveLeft, "move-left", "left", "Go to the column on the left, fold, or scroll left";
        MoveRight, "move-right", "right", "Go to the column on the right, unfold, or scroll right";
        Open, "open", "open", "Open what is selected";
    }
    Specs {
        SwapAxes, "swap-axes", "swap axes", "Take the next axis of the matrix as its rows";
        AddSpec, "add-spec", "add spec", "Add a spec to the list of the selected row";
        RemoveSpec, "remove-spec", "remove spec", "Remove the selected spec from its list";
        Exclude, "exclude", "exclude", "Exclude the selected combination from its matrix";
    }
    Stages {
        ToggleFold, "toggle-fold", "fold", "Fold or unfold the stage of the selected row";
        FoldAll, "fold-all", "fold all", "Fold all stages";
        UnfoldAll, "unfold-all", "unfold all", "Unfold all stages";
        TogglePruned, "toggle-pruned", "specs without a job", "List the specs that get no job with the reason, or hide them";
    }
    Runners {
        AddMapping, "add-mapping", "add", "Add a mapping below the selected one";
        DuplicateMapping, "duplicate-mapping", "duplicate", "Add a copy of the selected mapping below it";
        RemoveMapping, "remove-mapping", "remove", "Remove the selected mapping or section";
        MoveMappingUp, "move-mapping-up", "move up", "Move the selected mapping or section up";
        MoveMappingDown, "move-mapping-down", "move down", "Move the selected mapping or section down";
        EditMatch, "edit-match", "edit match", "Edit the match specs of the selected mapping";
        AddMatch, "add-match", "add match", "Add a match spec to the selected mapping";
        EditTags, "edit-tags", "tags", "Edit the tags of the selected mapping or section";
        EditImage, "edit-image", "image", "Edit the image of the selected mapping or section";
        EditVariable, "edit-variable", "variable", "Set or remove a variable of the selected mapping or section";
        EditAttribute, "edit-attribute", "attribute", "Set or remove any attribute of the selected mapping or section";
        AddSection, "add-section", "add section", "Add a section of pipeline-gen below the selected one";
    }
    Phases {
        AddPhase, "add-phase", "add", "Add a bootstrap phase that builds a definition";
        RemovePhase, "remove-phase", "remove", "Remove the selected bootstrap phase";
        MovePhaseUp, "move-phase-up", "move up", "Build the selected phase earlier";
        MovePhaseDown, "move-phase-down", "move down", "Build the selected phase later";
        ToggleAgnostic, "toggle-agnostic", "agnostic", "Let the phase use any compiler, or not";
    }
    Pipeline {
        ToggleDiff, "toggle-diff", "diff", "Show the difference from the file on disk, or the whole text";
        NextHunk, "next-hunk", "next change", "Go to the next change";
        PreviousHunk, "previous-hunk", "previous change", "Go to the previous change";
    }
    Graph {
        GoToJob, "go-to-job", "go to job", "Make the selected job the middle of the drawing";
        LeaveToJob, "leave-to-job", "show in stages", "Close the drawing and select the job among the stages";
    }
    Review {
        Confirm, "confirm", "write", "Do what the review shows";
        TogglePipeline, "toggle-pipeline", "pipeline", "Write the .gitlab-ci.yml, or not";
        ToggleLocks, "toggle-locks", "lockfiles", "Replace the lockfiles by what Spack concretized, or not";
        ToggleSave, "toggle-save", "spack.yaml", "Save the edits to spack.yaml, or not";
        ToggleBranch, "toggle-branch", "branch", "Push the downstream branch, or not";
        ToggleCdash, "toggle-cdash", "CDash", "Make the build group at CDash, or not";
    }
    Confirm {
        Yes, "yes", "yes", "Answer yes";
        No, "no", "no", "Answer no";
    }
    Input {
        Accept, "accept", "accept", "Take the text as it stands";
        Cancel, "cancel", "cancel", "Leave without a change";
        RemoveItem, "remove-item", "remove", "Remove the item that is being edited";
    }
    Choice {
        NextChoice, "next-choice", "next", "Go to the next choice";
        PreviousChoice, "previous-choice", "previous", "Go to the previous choice";
    }
}

impl Command {
    /// Returns the command of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|command| command.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_command_has_a_name_of_its_own_and_a_description() {
        let names: BTreeSet<&str> = Command::ALL.iter().map(|command| command.name()).collect();
        assert_eq!(names.len(), Command::ALL.len());
        for command in Command::ALL {
            assert!(command.doc().len() > command.label().len(), "{}", command.name());
            assert_eq!(Command::from_name(command.name()), Some(*command));
        }
    }
}
