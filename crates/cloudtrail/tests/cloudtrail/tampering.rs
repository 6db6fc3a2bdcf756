//! What somebody may do to a trail who can write to its bucket. Logs and digests are numbered in the order of
//! their delivery.

use serde_json::{Value, json};
use trailhound_cloudtrail::inflate;

use super::{Hour, Signer, Trail, gzip};

impl Trail {
    pub(crate) fn change_log(&mut self, number: usize) {
        self.objects.insert(self.logs[number].clone(), gzip(b"{\"Records\": []}"));
    }

    pub(crate) fn delete_log(&mut self, number: usize) {
        self.objects.remove(&self.logs[number]);
    }

    pub(crate) fn swap_logs(&mut self, left: usize, right: usize) {
        let (left, right) = (self.logs[left].clone(), self.logs[right].clone());
        self.swap(left, right);
    }

    /// To the next day.
    pub(crate) fn move_log(&mut self, number: usize) {
        let key = &self.logs[number];
        let bytes = self.objects.remove(key).unwrap();
        self.objects.insert(key.replace("/03/10/", "/03/11/"), bytes);
    }

    /// By nine bytes.
    pub(crate) fn truncate_log(&mut self, number: usize) {
        let bytes = self.objects.get_mut(&self.logs[number]).unwrap();
        bytes.truncate(bytes.len() - 9);
    }

    /// Into something that is no digest.
    pub(crate) fn damage_digest(&mut self, number: usize) {
        self.objects.insert(self.digests[number].clone(), gzip(b"{}"));
    }

    /// Into one that lists no logs, under the signature that it has.
    pub(crate) fn change_digest(&mut self, number: usize) {
        let changed = without_logs(self.document(number));
        self.objects.insert(self.digests[number].clone(), gzip(changed.to_string().as_bytes()));
    }

    pub(crate) fn delete_digests(&mut self, numbers: impl IntoIterator<Item = usize>) {
        for number in numbers {
            self.objects.remove(&self.digests[number]);
        }
    }

    pub(crate) fn swap_digests(&mut self, left: usize, right: usize) {
        let (left, right) = (self.digests[left].clone(), self.digests[right].clone());
        self.swap(left, right);
    }

    /// With nothing in it changed.
    pub(crate) fn sign_anew(&mut self, number: usize, signer: &Signer) {
        let document = self.document(number);
        self.sign(signer, &document);
    }

    /// With no logs in it.
    pub(crate) fn sign_without_logs(&mut self, number: usize, signer: &Signer) {
        let changed = without_logs(self.document(number));
        self.sign(signer, &changed);
    }

    /// By a key of which nobody has heard, which the digest names.
    pub(crate) fn sign_by_unknown_key(&mut self, number: usize) {
        let unknown = Signer::new("ffffffffffffffffffffffffffffffff");
        let mut document = self.document(number);
        document["digestPublicKeyFingerprint"] = json!(unknown.fingerprint);
        self.sign(&unknown, &document);
    }

    /// Switches the trail off, and on again in the hour with this end.
    pub(crate) fn switch_off_until(&mut self, signer: &Signer, end: u32) {
        self.restart();
        self.deliver(signer, Hour { end, logs: 1, suffix: "" });
    }

    fn document(&self, number: usize) -> Value {
        serde_json::from_slice(&inflate(&self.objects[&self.digests[number]], 1 << 20).bytes).unwrap()
    }

    fn swap(&mut self, left: String, right: String) {
        let (of_left, of_right) = (self.objects[&left].clone(), self.objects[&right].clone());
        self.objects.extend([(left, of_right), (right, of_left)]);
    }
}

fn without_logs(mut digest: Value) -> Value {
    digest["logFiles"] = json!([]);
    digest
}
