#[derive(serde::Serialize, Event)]
#[event(name = "bank.noted", version = 1, topic = "bank.notes", key = self.note.len() as u64)]
struct Noted<'a, T, const N: usize> {
    note: &'a str,
    extra: [T; N],
}
