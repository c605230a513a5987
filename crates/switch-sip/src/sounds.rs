//! The sounds that the switch lets parties hear: music and tones of its own, files in a folder, and files
//! on the web. Files are read, fetched and decoded in a thread of their own, never where SIP is served.

mod web;

use std::{
    io,
    path::{Component, Path, PathBuf},
    sync::{Arc, LazyLock},
    thread,
};

use call::command;
use tokio::{
    io::AsyncReadExt,
    runtime::{Builder, Handle},
    sync::oneshot,
};

use crate::{
    config::SoundConfig,
    error::SipError,
    media::{Sound, WavError},
};
pub(crate) use guard::UrlError;
use web::WebClient;

/// The largest file that is taken.
const LARGEST: usize = 10 << 20;

static MUSIC: LazyLock<Arc<Sound>> = LazyLock::new(|| Arc::new(Sound::music()));
static RINGBACK: LazyLock<Arc<Sound>> = LazyLock::new(|| Arc::new(Sound::ringback()));
static BUSY: LazyLock<Arc<Sound>> = LazyLock::new(|| Arc::new(Sound::busy()));
static SILENCE: LazyLock<Arc<Sound>> = LazyLock::new(|| Arc::new(Sound::silence()));

/// The sounds that the switch can let parties hear.
pub(crate) struct Sounds {
    folder: Option<PathBuf>,
    music: Option<Arc<Sound>>,
    web: Arc<WebClient>,
    handle: Handle,
    /// The thread ends when this is dropped.
    _running: oneshot::Sender<()>,
}

/// Why a sound cannot be heard.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SoundError {
    /// There is no such file in the folder of sounds.
    #[error("there is no such sound")]
    Unknown,
    /// A file cannot be read.
    #[error("the sound cannot be read")]
    Read(#[source] io::Error),
    /// A file is too large.
    #[error("the sound has more than {LARGEST} bytes")]
    TooLarge,
    /// It is not one that telephony has.
    #[error(transparent)]
    Wav(#[from] WavError),
    /// It cannot be had from the web.
    #[error("the sound cannot be fetched")]
    Fetch(#[source] web::WebError),
    /// Its URL is not one that is fetched from.
    #[error(transparent)]
    Url(#[from] UrlError),
}

/// Where a sound is to be had.
#[derive(Clone)]
pub(crate) enum Place {
    File(PathBuf),
    Web(Box<url::Url>),
}

impl Sounds {
    /// Reads the configured music, and starts the thread.
    pub(crate) fn open(config: &SoundConfig) -> Result<Self, SipError> {
        let music = config.music.as_deref().map(music).transpose()?;
        let web = Arc::new(WebClient::new(config.allow_private_urls)?);
        let runtime = Builder::new_current_thread().enable_all().build().map_err(SipError::Thread)?;
        let (running, stopped) = oneshot::channel::<()>();
        let handle = runtime.handle().clone();
        let serve = move || {
            // They take a moment to compute, which nobody shall wait for.
            LazyLock::force(&MUSIC);
            LazyLock::force(&RINGBACK);
            LazyLock::force(&BUSY);
            // Nothing is ever sent: it ends when the sender is dropped.
            let _ = runtime.block_on(stopped);
        };
        thread::Builder::new().name("sounds".to_owned()).spawn(serve).map_err(SipError::Thread)?;
        Ok(Self { folder: config.folder.clone(), music, web, handle, _running: running })
    }

    /// What a party that waits hears.
    pub(crate) fn music(&self) -> Arc<Sound> {
        self.music.clone().unwrap_or_else(|| MUSIC.clone())
    }

    /// What a party hears while another is rung.
    pub(crate) fn ringback(&self) -> Arc<Sound> {
        RINGBACK.clone()
    }

    /// What a party hears where nobody could be got.
    pub(crate) fn busy(&self) -> Arc<Sound> {
        BUSY.clone()
    }

    /// What a party hears that is to hear nothing, and yet is sent packets.
    pub(crate) fn silence(&self) -> Arc<Sound> {
        SILENCE.clone()
    }

    /// Where a sound is to be had; an error if that can be told without looking at it.
    pub(crate) fn find(&self, sound: &command::Sound) -> Result<Place, SoundError> {
        match sound {
            command::Sound::Url(url) => Ok(Place::Web(Box::new(self.web.check(url)?))),
            command::Sound::Local(name) => {
                let folder = self.folder.as_deref().ok_or(SoundError::Unknown)?;
                file_in(folder, name).map(Place::File).ok_or(SoundError::Unknown)
            }
        }
    }

    /// Gets a sound; `then` hears it, in another thread.
    pub(crate) fn fetch(
        &self,
        place: Place,
        then: impl FnOnce(Result<Arc<Sound>, SoundError>) + Send + 'static,
    ) {
        let web = self.web.clone();
        self.handle.spawn(async move {
            let file = match place {
                Place::File(path) => read(&path).await,
                Place::Web(url) => web.fetch(*url).await.map_err(SoundError::Fetch),
            };
            then(file.and_then(|file| Ok(Arc::new(Sound::from_wav(&file)?))));
        });
    }
}

/// The file of a name in the folder, with `.wav` or without; `None` if there is none. A name leads nowhere
/// else.
fn file_in(folder: &Path, name: &str) -> Option<PathBuf> {
    let mut parts = Path::new(name).components();
    let (Some(Component::Normal(name)), None) = (parts.next(), parts.next()) else { return None };
    let path = folder.join(name);
    let mut with_ending = path.clone().into_os_string();
    with_ending.push(".wav");
    [path, with_ending.into()].into_iter().find(|path| path.is_file())
}

async fn read(path: &Path) -> Result<Vec<u8>, SoundError> {
    let file = tokio::fs::File::open(path).await.map_err(SoundError::Read)?;
    let mut bytes = Vec::new();
    let limit = u64::try_from(LARGEST).unwrap_or(u64::MAX) + 1;
    file.take(limit).read_to_end(&mut bytes).await.map_err(SoundError::Read)?;
    if bytes.len() > LARGEST { Err(SoundError::TooLarge) } else { Ok(bytes) }
}

fn music(path: &Path) -> Result<Arc<Sound>, SipError> {
    let unfit = |reason: String| SipError::Music { path: path.to_owned(), reason };
    let file = std::fs::read(path).map_err(|error| unfit(error.to_string()))?;
    Ok(Arc::new(Sound::from_wav(&file).map_err(|error| unfit(error.to_string()))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_to_a_file_in_the_folder_and_nowhere_else() {
        let folder = tempfile::tempdir().unwrap();
        let inside = folder.path().join("sounds");
        std::fs::create_dir(&inside).unwrap();
        std::fs::write(inside.join("bell.wav"), b"x").unwrap();
        std::fs::write(folder.path().join("secret"), b"x").unwrap();
        assert_eq!(file_in(&inside, "bell"), Some(inside.join("bell.wav")));
        assert_eq!(file_in(&inside, "bell.wav"), Some(inside.join("bell.wav")));
        let outside = folder.path().join("secret");
        for name in ["../secret", "..", "", ".", "bell/../../secret", outside.to_str().unwrap(), "drum"] {
            assert_eq!(file_in(&inside, name), None, "{name}");
        }
    }
}
