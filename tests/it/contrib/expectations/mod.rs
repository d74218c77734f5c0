//! The rules behind any web server: the bridge answers as it does alone, and PHP answers the rest.

pub(super) mod recorded;
pub(super) mod requests;
pub(super) mod standing;

use testkit::web_server::{self, WebServer};

use super::snippet::Snippet;

/// An end-point's URL without SEF.
const QUERY: &str = "/index.php?option=com_jbackend&view=request&Itemid=201";

/// The web server whose files are tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Nginx,
    Apache,
}

impl Kind {
    pub(super) fn end_point(self) -> Snippet {
        Snippet::read(&format!("{}/end-point.conf", self.folder()))
    }

    fn whole_site(self) -> Snippet {
        Snippet::read(&format!("{}/whole-site.conf", self.folder()))
    }

    pub(super) fn folder(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Apache => "apache",
        }
    }

    pub(super) fn start(self, site: web_server::Site, snippet: &Snippet) -> WebServer {
        match self {
            Self::Nginx => site.nginx(snippet),
            Self::Apache => site.apache(snippet),
        }
    }
}
