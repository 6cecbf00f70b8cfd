//! Types and codecs alone cost one dependency.

use std::process::Command;

#[test]
fn the_types_alone_depend_on_bytes_only() {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--edges", "normal", "--prefix", "none"])
        .args(["--package", "pika-outside", "--format", "{lib}"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let tree = String::from_utf8_lossy(&output.stdout);
    let names: Vec<_> = tree.split_whitespace().collect();
    assert_eq!(names, ["pika_outside", "pika", "bytes"]);
}
