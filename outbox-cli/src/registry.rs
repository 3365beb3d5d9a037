//! The error codes and what is to be said about each: the sections of `docs/errors.md`.

/// One section of the registry.
pub(crate) struct Section {
    /// The code, for example `OBX-007`.
    pub(crate) code: &'static str,
    /// The rule in one sentence.
    pub(crate) title: &'static str,
    /// Everything below the heading.
    pub(crate) text: &'static str,
}

const DOCUMENT: &str = include_str!("../assets/errors.md");
const HEADING: &str = "\n## OBX-";

/// All sections in the order of the document.
pub(crate) fn sections() -> Vec<Section> {
    let starts = DOCUMENT.match_indices(HEADING).map(|(at, _)| at + "\n## ".len());
    starts.filter_map(|start| section(DOCUMENT.get(start..)?)).collect()
}

/// The section at the start of `text`.
fn section(text: &'static str) -> Option<Section> {
    let end = text.find("\n## ").unwrap_or(text.len());
    let (heading, text) = text.get(..end)?.split_once('\n')?;
    let (code, title) = heading.split_once(' ')?;
    Some(Section { code, title: title.trim(), text: text.trim() })
}

/// `7`, `obx7`, `[OBX-007]` and the like as `OBX-007`.
pub(crate) fn normalized(input: &str) -> Option<String> {
    let bare = input.trim().trim_matches(['[', ']']).to_uppercase();
    let number = bare.strip_prefix("OBX").map_or(bare.as_str(), |rest| rest.trim_start_matches(['-', '_', ' ']));
    number.parse::<u16>().ok().map(|number| format!("OBX-{number:03}"))
}

/// The sections whose codes are nearest to `code`, at most three.
pub(crate) fn near<'s>(code: &str, sections: &'s [Section]) -> Vec<&'s Section> {
    let number = |code: &str| code.rsplit('-').next().and_then(|digits| digits.parse::<i32>().ok());
    let Some(wanted) = number(code) else { return Vec::new() };
    let mut found: Vec<_> =
        sections.iter().filter_map(|section| Some(((number(section.code)? - wanted).abs(), section))).collect();
    found.sort_by_key(|(distance, _)| *distance);
    found.into_iter().take(3).map(|(_, section)| section).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_as_people_write_them() {
        for input in ["OBX-007", "obx-7", "7", "[OBX-007]", "obx7", " OBX_007 "] {
            assert_eq!(normalized(input).as_deref(), Some("OBX-007"), "{input}");
        }
        for input in ["", "OBX", "E0277", "OBX-x"] {
            assert_eq!(normalized(input), None, "{input}");
        }
    }

    #[test]
    fn the_nearest_codes_come_first() {
        let section = |code| Section { code, title: "", text: "" };
        let sections = ["OBX-001", "OBX-002", "OBX-040", "OBX-041"].map(section);
        let codes: Vec<_> = near("OBX-042", &sections).iter().map(|section| section.code).collect();
        assert_eq!(codes, ["OBX-041", "OBX-040", "OBX-002"]);
    }
}
