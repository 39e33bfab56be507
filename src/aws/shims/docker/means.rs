//! What an option of docker is, and what its value may be.
//!
//! Leaves to `options` which options there are, to `values` what becomes of a value of each kind.

/// What the value of an option is, and with that what becomes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Means {
    /// A boolean that is handed on.
    Switch,
    /// A text that is handed on as it is.
    Plain,
    /// One of these is handed on, or one that begins with what stands before a star; others reach beyond the build.
    OneOf(&'static [&'static str]),
    /// Whatever it is, it reaches beyond the build.
    Beyond,
    /// A boolean that reaches beyond the build when it is true.
    BeyondSwitch,
    /// A text that is not handed on: it has no effect here, or one that is ours to have.
    Moot,
    /// A boolean that is not handed on.
    MootSwitch,
    /// Standard input is wanted.
    Input,
    /// `NAME=VALUE`, or a variable of the build.
    Env,
    /// A file of variables.
    EnvFile,
    /// A file of labels.
    LabelFile,
    /// `HOST:ADDRESS`
    Hosts,
    /// A port that is published.
    Publish,
    /// A network.
    Network,
    /// `SOURCE:TARGET:MODE`
    Volume,
    /// `type=…,source=…,…`
    Mount,
    /// A container, with more after a colon.
    Container,
    /// A file or folder of the build.
    Read,
    /// A file that is written.
    Written,
    /// `NAME=FOLDER`
    Context,
    /// Where a build's result goes.
    Output,
    /// A secret of a build.
    Secret,
    /// Where a build's cache is read from.
    CacheFrom,
    /// Where a build's cache is written.
    CacheTo,
    /// A name for the image.
    Tag,
    /// One platform, or several.
    Platform,
    /// Whether what is built is pushed.
    Push,
}

impl Means {
    /// Whether it is a boolean, which takes no word after it.
    pub(super) fn is_switch(self) -> bool {
        matches!(self, Self::Switch | Self::BeyondSwitch | Self::MootSwitch | Self::Input | Self::Push)
    }
}

/// One option: its name, the letter that stands for it, its value.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Opt {
    /// With its dashes.
    pub(super) name: &'static str,
    pub(super) letter: Option<char>,
    pub(super) means: Means,
}

/// An option without a letter.
pub(super) const fn o(name: &'static str, means: Means) -> Opt {
    Opt { name, letter: None, means }
}

/// An option with a letter.
pub(super) const fn s(letter: char, name: &'static str, means: Means) -> Opt {
    Opt { name, letter: Some(letter), means }
}
