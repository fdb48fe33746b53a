//! The folder that answers come to: all of them, or none.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

use super::error::AckError;

/// How the name of the folder begins in which answers wait.
const PREFIX: &str = ".claimstream-ack-";

/// How old such a folder is before it can be one that a killed process left.
const LEFT_AFTER: Duration = Duration::from_secs(10);

/// Answers that wait, in a folder of mode 0700 inside the one that they are for. It is gone,
/// with all in it, when this is dropped.
#[derive(Debug)]
pub(super) struct Staging {
    target: PathBuf,
    waiting: TempDir,
    /// Its lock says that the process lives. A file system without locks keeps what is left.
    _lock: Option<File>,
}

impl Staging {
    /// Starts one, and removes those that killed processes left there.
    pub(super) fn inside(target: &Path) -> Result<Self, AckError> {
        sweep(target);
        let mut builder = tempfile::Builder::new();
        builder.prefix(PREFIX);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            builder.permissions(fs::Permissions::from_mode(0o700));
        }
        let waiting = builder
            .tempdir_in(target)
            .map_err(|error| AckError::new(target, error))?;
        Ok(Self {
            target: target.to_owned(),
            _lock: lock(waiting.path()),
            waiting,
        })
    }

    /// The folder that answers are for.
    pub(super) fn target(&self) -> &Path {
        &self.target
    }

    fn failure(&self, error: io::Error) -> AckError {
        AckError::new(&self.target, error)
    }

    /// Where answers wait.
    pub(super) fn path(&self) -> &Path {
        self.waiting.path()
    }

    /// Starts a file.
    pub(super) fn create(&self, name: &str) -> Result<(File, PathBuf), AckError> {
        let path = self.path().join(name);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            options.mode(0o600);
        }
        let file = options.open(&path).map_err(|error| self.failure(error))?;
        Ok((file, path))
    }
}

/// The lock of a folder, if nobody has it.
fn lock(folder: &Path) -> Option<File> {
    let folder = File::open(folder).ok()?;
    folder.try_lock().is_ok().then_some(folder)
}

/// Removes the folders of killed processes.
fn sweep(target: &Path) {
    let entries = fs::read_dir(target).into_iter().flatten().flatten();
    for entry in entries {
        let name = entry.file_name();
        let about = entry.metadata().ok().filter(fs::Metadata::is_dir);
        let Some(about) = about.filter(|_| name.as_encoded_bytes().starts_with(PREFIX.as_bytes()))
        else {
            continue;
        };
        let age = about.modified().ok().and_then(|time| time.elapsed().ok());
        if age.is_some_and(|age| age > LEFT_AFTER) && lock(&entry.path()).is_some() {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Answers that are written and safe on disk, and have no names yet. Dropped, they are gone.
#[derive(Debug)]
#[must_use = "answers that are not published are gone"]
pub struct Answers {
    staging: Staging,
    /// The next ISA13: the first one of answers that go on from here.
    next_control_number: u32,
}

impl Answers {
    pub(super) fn new(staging: Staging, next_control_number: u32) -> Self {
        Self {
            staging,
            next_control_number,
        }
    }

    /// The ISA13 that comes next: [`super::Options::first_control_number`] of a run that goes on.
    #[must_use]
    pub fn next_control_number(&self) -> u32 {
        self.next_control_number
    }

    /// Gives every file its name, and says how many there are. A file of the same name is
    /// replaced.
    ///
    /// # Errors
    ///
    /// A file cannot be renamed: those that had their names already are removed again.
    pub fn publish(self) -> Result<u64, AckError> {
        let target = &self.staging.target;
        let mut named = Vec::new();
        let published = self.rename_all(&mut named);
        if published.is_err() {
            for path in &named {
                let _ = fs::remove_file(path);
            }
        }
        published.map_err(|error| AckError::new(target, error))?;
        // Not every file system can sync a folder; the files themselves are safe already.
        let _ = File::open(target).and_then(|folder| folder.sync_all());
        Ok(named.len() as u64)
    }

    fn rename_all(&self, named: &mut Vec<PathBuf>) -> io::Result<()> {
        for entry in fs::read_dir(self.staging.path())? {
            let entry = entry?;
            let path = self.staging.target.join(entry.file_name());
            fs::rename(entry.path(), &path)?;
            named.push(path);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    #[test]
    fn what_a_killed_process_left_is_removed_and_nothing_else() {
        let target = tempfile::tempdir().unwrap();
        let living = Staging::inside(target.path()).unwrap();
        let left = target.path().join(".claimstream-ack-left");
        let other = target.path().join("claims");
        for folder in [&left, &other] {
            fs::create_dir(folder).unwrap();
            fs::write(folder.join("some.999"), "ISA").unwrap();
        }
        for folder in [&left, &other, &living.path().to_owned()] {
            File::open(folder)
                .unwrap()
                .set_modified(UNIX_EPOCH)
                .unwrap();
        }
        let _next = Staging::inside(target.path()).unwrap();
        assert!(!left.exists() && other.exists() && living.path().exists());
    }

    #[test]
    fn when_one_answer_cannot_have_its_name_none_has() {
        let target = tempfile::tempdir().unwrap();
        let staging = Staging::inside(target.path()).unwrap();
        for name in ["a", "b", "c"] {
            staging.create(name).unwrap();
        }
        fs::create_dir(target.path().join("b")).unwrap();
        let error = Answers::new(staging, 1).publish().unwrap_err();
        assert_eq!(error.folder(), target.path());
        let left: Vec<_> = fs::read_dir(target.path()).unwrap().collect();
        assert_eq!(left.len(), 1);
    }
}
