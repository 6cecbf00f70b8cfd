//! The examples are the other files of this folder; `tutorial/README.md` leads through them.
