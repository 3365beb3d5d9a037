//! Lines that differ, with a little around them.

/// Unchanged lines that are shown around a change.
const CONTEXT: usize = 3;

/// `old` and `new` as one list of lines: `-` gone, `+` new.
pub(super) fn diff(old: &str, new: &str) -> String {
    let (old, new): (Vec<_>, Vec<_>) = (old.lines().collect(), new.lines().collect());
    let lines = walk(&old, &new);
    let near = |place: usize| {
        let from = place.saturating_sub(CONTEXT);
        lines.iter().skip(from).take(place + CONTEXT + 1 - from).any(|(sign, _)| *sign != ' ')
    };
    let mut out = String::new();
    let mut skipped = false;
    for (place, (sign, line)) in lines.iter().enumerate() {
        if near(place) {
            out.push_str(&format!("  {sign} {line}\n"));
            skipped = false;
        } else if !skipped {
            out.push_str("    …\n");
            skipped = true;
        }
    }
    out
}

/// By the longest common subsequence.
fn walk<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<(char, &'a str)> {
    let width = new.len() + 1;
    let mut longest = vec![0_u32; (old.len() + 1) * width];
    let at = |longest: &[u32], i: usize, j: usize| longest.get(i * width + j).copied().unwrap_or(0);
    for (i, one) in old.iter().enumerate().rev() {
        for (j, other) in new.iter().enumerate().rev() {
            let here = if one == other {
                at(&longest, i + 1, j + 1) + 1
            } else {
                at(&longest, i + 1, j).max(at(&longest, i, j + 1))
            };
            if let Some(cell) = longest.get_mut(i * width + j) {
                *cell = here;
            }
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut lines = Vec::new();
    loop {
        match (old.get(i), new.get(j)) {
            (Some(one), Some(other)) if one == other => {
                lines.push((' ', *one));
                (i, j) = (i + 1, j + 1);
            }
            (Some(one), other) if other.is_none() || at(&longest, i + 1, j) >= at(&longest, i, j + 1) => {
                lines.push(('-', *one));
                i += 1;
            }
            (_, Some(other)) => {
                lines.push(('+', *other));
                j += 1;
            }
            _ => return lines,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::diff;

    #[test]
    fn only_the_change_and_its_neighbours_are_shown() {
        let old = "a\nb\nc\nd\ne\nf\ng";
        let new = "a\nb\nc\nd\nx\nf\ng";
        assert_eq!(diff(old, new), "    …\n    b\n    c\n    d\n  - e\n  + x\n    f\n    g\n");
        assert_eq!(diff(old, old), "    …\n");
    }
}
