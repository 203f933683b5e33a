//! What each option is set to, and by whom: a flag wins over the environment, that over a profile, that over the default.

use std::ffi::{OsStr, OsString};

use super::command::Command;
use super::row::Row;
use super::value::{FromValues, Privacy, Value as _, password};
use crate::cli::failure::Failure;
use crate::cli::origin::Origin;
use crate::secret::without_credentials;

/// Values that can't be used, each with its option.
pub(in crate::cli) type Mistakes = Vec<(&'static Row, Failure)>;

/// The values of one option, unread.
#[derive(Debug)]
pub(in crate::cli) struct Setting {
    pub(in crate::cli) row: &'static Row,
    pub(in crate::cli) values: Vec<OsString>,
    pub(in crate::cli) origin: Origin,
}

impl Setting {
    /// The values as they may be shown.
    pub(in crate::cli) fn shown(&self) -> impl Iterator<Item = String> {
        self.values.iter().map(|value| {
            let text = value.to_string_lossy();
            match self.row.privacy {
                Privacy::Public => text.into_owned(),
                Privacy::Url => without_credentials(&text).into_owned(),
                Privacy::Secret => "[masked]".to_owned(),
            }
        })
    }
}

/// What a command is to do with, every option of the table among it.
#[derive(Debug)]
pub(in crate::cli) struct Settings {
    pub(in crate::cli) command: Command,
    pub(super) list: Vec<Setting>,
}

impl Settings {
    /// Those of the command's options that a profile may give, too.
    pub(in crate::cli) fn in_profiles(&self) -> impl Iterator<Item = &Setting> {
        let command = self.command;
        self.list.iter().filter(move |setting| setting.row.is_in_profiles() && setting.row.is_of(command))
    }

    /// The values of the option that fills a field.
    pub(in crate::cli) fn get(&self, key: &str) -> Option<&Setting> {
        self.list.iter().find(|setting| setting.row.key == key)
    }

    /// What a profile says of an option, where it is one of the command's that nothing before it sets.
    pub(in crate::cli) fn set(
        &mut self,
        row: &'static Row,
        values: impl FnOnce() -> Result<Vec<OsString>, Failure>,
        origin: Origin,
    ) -> Result<(), Failure> {
        let command = self.command;
        let is_open = |setting: &&mut Setting| setting.row.key == row.key && setting.origin == Origin::Default;
        if let Some(setting) = self.list.iter_mut().find(is_open).filter(|setting| setting.row.is_of(command)) {
            *setting = Setting { row, values: values()?, origin };
        }
        Ok(())
    }

    /// What an option's values mean. Those that can't be used are left out, and are among the mistakes.
    pub(super) fn read<T: FromValues>(&self, key: &str, mistakes: &mut Mistakes) -> Result<T, Failure> {
        let setting = self.get(key).ok_or_else(|| Failure::internal(format!("there is no option {key}")))?;
        let mut values = Vec::new();
        for value in &setting.values {
            match T::Item::read(value) {
                Ok(value) => values.push(value),
                Err(mistake) => {
                    let what = format!("{}: {}", setting.origin, mistake.what);
                    mistakes.push((setting.row, Failure::usage(what, mistake.next)));
                }
            }
        }
        let default = || T::from_values(T::Item::read(OsStr::new(setting.row.default?)).into_iter().collect());
        let read = T::from_values(values).or_else(default);
        read.ok_or_else(|| Failure::internal(format!("the option {key} has no default")))
    }

    /// The passwords in URLs, whatever else is wrong with those.
    pub(in crate::cli) fn passwords(&self) -> impl Iterator<Item = String> {
        let urls = self.list.iter().filter(|setting| setting.row.privacy == Privacy::Url);
        urls.flat_map(|setting| &setting.values).filter_map(|url| password(&url.to_string_lossy()))
    }
}
