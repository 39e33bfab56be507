//! Tokens in the paths of URLs.
//!
//! Owns: telling whether a path opens doors (`https://host/TOKEN/simple`), as far as its looks say. A token of letters
//! alone, or one that reads like a name, passes for a folder; fidelity.md says so.

/// What tokens of services begin with.
const BEGINNINGS: [&str; 11] =
    ["AKIA", "dckr_pat_", "eyJ", "ghp_", "gho_", "ghs_", "ghu_", "github_pat_", "gldt-", "glpat-", "pypi-Ag"];

/// Folders behind which a token stands: Anaconda's `/t/`, MyGet's `/auth/`, packagecloud's `/priv/`.
const BEFORE: [&str; 8] = ["auth", "key", "priv", "private-token", "secret", "t", "token", "tokens"];

/// The shortest thing behind one of them that is one.
const SHORTEST: usize = 8;

/// The shortest run of letters and digits that may be one by itself.
const SHORTEST_RUN: usize = 12;

/// So often the kind of letter changes in a token, and not in a name or a date (`20240101T000000Z` has three).
const CHANGES: usize = 4;

/// Whether a segment of the path, on this host, looks like a token. Part of a password that holds a slash stands in the
/// path as well, before an `@`.
pub(super) fn in_path(host: &str, path: &str) -> bool {
    let segments: Vec<&str> = path.split('/').collect();
    // Azure names projects so, and keeps its tokens elsewhere.
    let names_by_uuid = host == "pkgs.dev.azure.com" || host.ends_with(".pkgs.visualstudio.com");
    segments.iter().enumerate().any(|(at, segment)| {
        let before = at.checked_sub(1).and_then(|at| segments.get(at)).copied().unwrap_or_default();
        let is_behind = BEFORE.contains(&before.to_ascii_lowercase().as_str()) && segment.len() >= SHORTEST;
        let begins_so =
            segment.len() >= SHORTEST && BEGINNINGS.iter().any(|beginning| segment.starts_with(beginning));
        if is_uuid(segment) {
            return !names_by_uuid;
        }
        segment.contains('@') || is_behind || begins_so || has_random_run(segment)
    })
}

fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Whether letters and digits stand together as nobody would name a folder.
fn has_random_run(segment: &str) -> bool {
    segment.split(|c: char| !c.is_ascii_alphanumeric()).any(|run| {
        let kinds: Vec<u8> = run
            .bytes()
            .map(|byte| match byte {
                b'0'..=b'9' => 0,
                b'a'..=b'z' => 1,
                _ => 2,
            })
            .collect();
        // A capital followed by small letters begins a word.
        let changes = kinds.windows(2).filter(|two| two[0] != two[1] && *two != [2, 1]).count();
        run.len() >= SHORTEST_RUN && changes >= CHANGES
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_told_from_folders_by_their_looks() {
        let tokens = [
            "/zGyGmWyyRsUoqwSA/acme/private/python/simple/",
            "/basic/k3J9xQ2mP7vT4bN8/acme/",
            "/5d41402abc4b2a76b9719d911017c592/simple",
            "/priv/abcdefghijkl/pypi/simple",
            "/t/ab-12345678/channel",
            "/F/feed/auth/0f8fad5b-d9cb-469f-a165-70867728950e/npm/",
            "/0f8fad5b-d9cb-469f-a165-70867728950e/simple",
            "/glpat-abcdefghijklmnopqrst/x",
            "/npm_4Kx8bQz2Lm9Rt5Vw7Yc3/",
            "/pypi-AgEIcHlwaS5vcmc/simple",
            "/eyJhbGciOiJIUzI1NiJ9.e30.x/",
            "/ss@pypi.corp.example/simple",
        ];
        let folders = [
            "",
            "/",
            "/simple",
            "/artifactory/api/pypi/my-team-python3-release/simple",
            "/nexus/repository/PyPI-All-2024/simple",
            "/repository/MyCompanyPythonPackages/",
            "/api/v4/projects/12345678/packages/pypi/simple",
            "/snapshots/20240101T000000Z/",
            "/pypi/2024-01-01/simple",
            "/python/simple/",
            "/t/short",
            "/private/key",
            "/root/pypi/+simple/",
        ];
        for path in tokens {
            assert!(in_path("pypi.example", path), "{path}");
        }
        for path in folders {
            assert!(!in_path("pypi.example", path), "{path}");
        }
        let azure = "/acme/0f8fad5b-d9cb-469f-a165-70867728950e/_packaging/feed/pypi/simple/";
        assert!(!in_path("pkgs.dev.azure.com", azure) && in_path("example.org", azure));
    }
}
