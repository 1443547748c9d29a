//! A disk in memory that fills up, fails, hangs, and loses what was not synced.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{self, ErrorKind};
use std::path::{Component, Path};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Duration;

use crate::disk::files::{DiskFile, DiskFiles, Lock, Open};

/// Waits in tests end after this long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// What a power cut leaves or takes together, in bytes.
const SECTOR: usize = 64;

/// A disk in memory.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sim {
    inside: Arc<Mutex<Inside>>,
    changed: Arc<Condvar>,
}

#[derive(Debug, Default)]
struct Inside {
    root: Folder,
    locked: Arc<AtomicBool>,
    /// How many operations there were that change something.
    operations: u64,
    /// The operation at which everything stands still.
    freeze_at: Option<u64>,
    frozen: bool,
    /// How many bytes there is room for.
    room: Option<usize>,
    sync_fails: bool,
    write_fails: bool,
    remove_fails: bool,
}

/// A folder: the names in it, and those that would be in it after a power cut.
#[derive(Debug, Clone, Default)]
struct Folder {
    now: BTreeMap<OsString, Node>,
    safe: BTreeMap<OsString, Node>,
}

#[derive(Debug, Clone)]
enum Node {
    Folder(Arc<Mutex<Folder>>),
    File(Arc<Mutex<Content>>),
}

/// What is in a file, and what would be after a power cut.
#[derive(Debug, Clone, Default)]
struct Content {
    now: Vec<u8>,
    safe: Vec<u8>,
}

/// How a disk is left behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Left {
    /// The process was killed: everything that was written is there.
    Killed,
    /// The power was cut: of what was not synced, some sectors are there. The number decides which.
    Cut(u64),
}

impl Sim {
    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap()
    }

    /// From this operation on, nothing returns.
    pub(crate) fn freeze_at(&self, operation: u64) {
        let mut inside = self.inside();
        inside.freeze_at = Some(operation);
        inside.frozen = false;
        drop(inside);
        self.changed.notify_all();
    }

    /// From the next operation on, nothing returns.
    pub(crate) fn freeze(&self) {
        let mut inside = self.inside();
        inside.freeze_at = Some(inside.operations);
    }

    /// Everything goes on.
    pub(crate) fn thaw(&self) {
        self.inside().freeze_at = None;
        self.changed.notify_all();
    }

    /// Waits until something stands still, or `ended` says that it will not.
    pub(crate) fn wait_for_frost(&self, ended: impl Fn() -> bool) -> bool {
        let mut inside = self.inside();
        let mut left = PATIENCE.as_millis();
        while !inside.frozen && !ended() && left > 0 {
            left -= 1;
            inside = self.changed.wait_timeout(inside, Duration::from_millis(1)).unwrap().0;
        }
        inside.frozen
    }

    pub(crate) fn operations(&self) -> u64 {
        self.inside().operations
    }

    pub(crate) fn set_room(&self, bytes: Option<usize>) {
        self.inside().room = bytes;
    }

    pub(crate) fn let_sync_fail(&self, fails: bool) {
        self.inside().sync_fails = fails;
    }

    pub(crate) fn let_write_fail(&self, fails: bool) {
        self.inside().write_fails = fails;
    }

    pub(crate) fn let_remove_fail(&self, fails: bool) {
        self.inside().remove_fails = fails;
    }

    /// The disk as the next process finds it.
    pub(crate) fn left(&self, how: Left) -> Self {
        let mut random = Random(if let Left::Cut(seed) = how { seed } else { 0 });
        // A file system keeps the order of its names.
        let safe_names = how != Left::Killed && random.next().is_multiple_of(2);
        let root = self.inside().root.left(how, safe_names, &mut random);
        Self {
            inside: Arc::new(Mutex::new(Inside { root, ..Inside::default() })),
            changed: Arc::default(),
        }
    }

    /// All files with their content, named by their paths.
    pub(crate) fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        self.inside().root.collect("", &mut files);
        files
    }

    /// Changes what is in a file.
    pub(crate) fn change(&self, path: &str, change: impl FnOnce(&mut Vec<u8>)) {
        let content = self.inside().file(Path::new(path)).unwrap();
        let mut content = content.lock().unwrap();
        change(&mut content.now);
        content.safe = content.now.clone();
    }

    /// Counts an operation, and stands still if it is time to. `first_half` is done before.
    fn operation(&self, first_half: impl FnOnce(&mut Inside)) -> MutexGuard<'_, Inside> {
        let mut inside = self.inside();
        let number = inside.operations;
        inside.operations += 1;
        let stops = |inside: &Inside| inside.freeze_at.is_some_and(|at| number >= at);
        if stops(&inside) {
            first_half(&mut inside);
            inside.frozen = true;
            self.changed.notify_all();
            let waited = self.changed.wait_timeout_while(inside, PATIENCE, |now| {
                now.frozen = stops(now);
                now.frozen
            });
            inside = waited.unwrap().0;
            inside.frozen = false;
        }
        inside
    }
}

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB) >> 31
    }
}

impl Folder {
    fn left(&self, how: Left, safe_names: bool, random: &mut Random) -> Self {
        let names = if safe_names { &self.safe } else { &self.now };
        let nodes = names.iter().map(|(name, node)| {
            let node = match node {
                Node::Folder(folder) => {
                    let left = folder.lock().unwrap().left(how, safe_names, random);
                    Node::Folder(Arc::new(Mutex::new(left)))
                }
                Node::File(content) => {
                    let left = content.lock().unwrap().left(how, random);
                    Node::File(Arc::new(Mutex::new(left)))
                }
            };
            (name.clone(), node)
        });
        let now: BTreeMap<_, _> = nodes.collect();
        Self { safe: now.clone(), now }
    }

    fn collect(&self, path: &str, files: &mut BTreeMap<String, Vec<u8>>) {
        for (name, node) in &self.now {
            let path = format!("{path}/{}", name.to_str().unwrap());
            match node {
                Node::Folder(folder) => folder.lock().unwrap().collect(&path, files),
                Node::File(content) => {
                    files.insert(path, content.lock().unwrap().now.clone());
                }
            }
        }
    }
}

impl Content {
    fn left(&self, how: Left, random: &mut Random) -> Self {
        if how == Left::Killed {
            return Self { now: self.now.clone(), safe: self.now.clone() };
        }
        // Each sector is as it was synced, or as it was written. One that did not get there is
        // empty, or the file is shorter.
        let (short, long) = (self.now.len().min(self.safe.len()), self.now.len());
        let grown = (long - short) as u64;
        let shorter = random.next().is_multiple_of(2);
        let lost = if shorter { random.next() % (grown + 1) } else { 0 };
        let length = long - usize::try_from(lost).unwrap();
        let mut left = self.now[..length].to_vec();
        for (number, sector) in left.chunks_mut(SECTOR).enumerate() {
            let from = number * SECTOR;
            if random.next().is_multiple_of(2) {
                for (byte, at) in sector.iter_mut().zip(from..) {
                    *byte = self.safe.get(at).copied().unwrap_or(0);
                }
            }
        }
        Self { safe: left.clone(), now: left }
    }
}

impl Inside {
    /// Does something with the folder in which the path ends, and with the name there.
    fn at<T>(
        &mut self,
        path: &Path,
        action: impl FnOnce(&mut Folder, OsString) -> io::Result<T>,
    ) -> io::Result<T> {
        let mut names: Vec<_> = path
            .components()
            .filter_map(|part| match part {
                Component::Normal(name) => Some(name.to_owned()),
                _ => None,
            })
            .collect();
        let last = names.pop().ok_or(ErrorKind::InvalidInput)?;
        let Some((first, others)) = names.split_first() else {
            return action(&mut self.root, last);
        };
        let mut folder = folder_in(&self.root, first)?;
        for name in others {
            let next = folder_in(&folder.lock().unwrap(), name)?;
            folder = next;
        }
        let mut folder = folder.lock().unwrap();
        action(&mut folder, last)
    }

    fn file(&mut self, path: &Path) -> io::Result<Arc<Mutex<Content>>> {
        self.at(path, |folder, name| match folder.now.get(&name) {
            Some(Node::File(content)) => Ok(Arc::clone(content)),
            _ => Err(ErrorKind::NotFound.into()),
        })
    }

    fn folder(&mut self, path: &Path) -> io::Result<Arc<Mutex<Folder>>> {
        self.at(path, |folder, name| folder_in(folder, &name))
    }

    fn used(&self) -> usize {
        let mut files = BTreeMap::new();
        self.root.collect("", &mut files);
        files.values().map(Vec::len).sum()
    }
}

fn folder_in(folder: &Folder, name: &OsString) -> io::Result<Arc<Mutex<Folder>>> {
    match folder.now.get(name) {
        Some(Node::Folder(folder)) => Ok(Arc::clone(folder)),
        _ => Err(ErrorKind::NotFound.into()),
    }
}

impl DiskFiles for Sim {
    fn make_folder(&self, folder: &Path) -> io::Result<()> {
        self.operation(|_| ()).at(folder, |above, name| {
            above.now.entry(name).or_insert_with(|| Node::Folder(Arc::default()));
            Ok(())
        })
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<OsString>> {
        let folder = self.inside().folder(folder)?;
        let names = folder.lock().unwrap().now.keys().cloned().collect();
        Ok(names)
    }

    fn create(&self, path: &Path) -> io::Result<Open> {
        let mut inside = self.operation(|_| ());
        if inside.room.is_some_and(|room| inside.used() >= room) {
            return Err(ErrorKind::StorageFull.into());
        }
        let content = Arc::new(Mutex::new(Content::default()));
        inside.at(path, |folder, name| {
            folder.now.insert(name, Node::File(Arc::clone(&content)));
            Ok(())
        })?;
        Ok(Arc::new(SimFile { sim: self.clone(), content }))
    }

    fn open(&self, path: &Path) -> io::Result<Open> {
        let content = self.inside().file(path)?;
        Ok(Arc::new(SimFile { sim: self.clone(), content }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut inside = self.operation(|_| ());
        let gone = || io::Error::from(ErrorKind::NotFound);
        let node = inside.at(from, |folder, name| folder.now.remove(&name).ok_or_else(gone))?;
        inside.at(to, |folder, name| {
            folder.now.insert(name, node);
            Ok(())
        })
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        let gone = || io::Error::from(ErrorKind::NotFound);
        let mut inside = self.operation(|_| ());
        if inside.remove_fails {
            return Err(io::Error::other("injected"));
        }
        inside.at(path, |folder, name| folder.now.remove(&name).map(drop).ok_or_else(gone))
    }

    fn remove_folder(&self, folder: &Path) -> io::Result<()> {
        self.remove_file(folder)
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        let mut inside = self.operation(|_| ());
        if inside.sync_fails {
            return Err(io::Error::other("injected"));
        }
        if folder == Path::new("/") {
            inside.root.safe = inside.root.now.clone();
            return Ok(());
        }
        let folder = inside.folder(folder)?;
        let mut folder = folder.lock().unwrap();
        folder.safe = folder.now.clone();
        Ok(())
    }

    fn lock(&self, _: &Path) -> io::Result<Option<Lock>> {
        let locked = Arc::clone(&self.inside().locked);
        let free = !locked.swap(true, Ordering::SeqCst);
        Ok(free.then(|| Box::new(SimLock(locked, self.clone())) as Lock))
    }
}

struct SimLock(Arc<AtomicBool>, Sim);

impl Drop for SimLock {
    fn drop(&mut self) {
        self.0.store(false, Ordering::SeqCst);
        self.1.changed.notify_all();
    }
}

#[derive(Debug)]
struct SimFile {
    sim: Sim,
    content: Arc<Mutex<Content>>,
}

impl SimFile {
    fn write(&self, bytes: &[u8], at: u64) {
        let at = usize::try_from(at).unwrap();
        let now = &mut self.content.lock().unwrap().now;
        now.resize(now.len().max(at + bytes.len()), 0);
        now[at..at + bytes.len()].copy_from_slice(bytes);
    }
}

impl DiskFile for SimFile {
    fn length(&self) -> io::Result<u64> {
        Ok(self.content.lock().unwrap().now.len() as u64)
    }

    fn read_at(&self, bytes: &mut [u8], at: u64) -> io::Result<()> {
        let at = usize::try_from(at).unwrap();
        let content = self.content.lock().unwrap();
        let found = content.now.get(at..at + bytes.len()).ok_or(ErrorKind::UnexpectedEof)?;
        bytes.copy_from_slice(found);
        Ok(())
    }

    fn write_at(&self, bytes: &[u8], at: u64) -> io::Result<()> {
        let inside = self.sim.operation(|_| self.write(&bytes[..bytes.len() / 2], at));
        if inside.write_fails {
            return Err(io::Error::other("injected"));
        }
        let new = (usize::try_from(at).unwrap() + bytes.len())
            .saturating_sub(self.content.lock().unwrap().now.len());
        let room = inside.room.map_or(usize::MAX, |room| room.saturating_sub(inside.used()));
        if new > room {
            self.write(&bytes[..bytes.len() - (new - room).min(bytes.len())], at);
            return Err(ErrorKind::StorageFull.into());
        }
        self.write(bytes, at);
        Ok(())
    }

    fn cut(&self, length: u64) -> io::Result<()> {
        let _inside = self.sim.operation(|_| ());
        self.content.lock().unwrap().now.truncate(usize::try_from(length).unwrap());
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        let inside = self.sim.operation(|_| ());
        if inside.sync_fails {
            return Err(io::Error::other("injected"));
        }
        let mut content = self.content.lock().unwrap();
        content.safe = content.now.clone();
        Ok(())
    }
}
