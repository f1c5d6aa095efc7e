//! Parts of days in the zones of operators. A zone is looked up when the configuration is compiled, and never again.

use jiff::Timestamp;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;

use crate::config::Day;

/// A part of a day.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    /// The days on which it begins, Monday first.
    days: [bool; 7],
    from: Minute,
    to: Minute,
    zone: TimeZone,
}

/// Minutes since midnight.
type Minute = u16;

const DAY: Minute = 24 * 60;

impl Window {
    /// A window; the error is the member at fault, and what was expected there.
    pub fn new(days: &[Day], from: &str, to: &str, zone: &str) -> Result<Self, (&'static str, &'static str)> {
        let from = minute(from).filter(|from| *from < DAY).ok_or(("from", "a time from 00:00 to 23:59"))?;
        let to = minute(to).filter(|to| *to != 0).ok_or(("to", "a time from 00:01 to 24:00"))?;
        if from == to {
            return Err(("to", "another time than from"));
        }
        let zone = find(zone).ok_or(("zone", "a zone of the IANA database, such as Europe/Berlin, or UTC"))?;
        let mut on = [days.is_empty(); 7];
        for day in days {
            on.get_mut(number(*day)).into_iter().for_each(|on| *on = true);
        }
        Ok(Self { days: on, from, to, zone })
    }

    /// Whether a time is in it; `None` if the time cannot be told in the zone.
    pub(super) fn contains(&self, unix_seconds: u64) -> Option<bool> {
        let now = Timestamp::from_second(i64::try_from(unix_seconds).ok()?).ok()?;
        let now = self.zone.to_datetime(now);
        let minute = u16::try_from(now.hour()).ok()?.checked_mul(60)?.checked_add(u16::try_from(now.minute()).ok()?)?;
        let today = self.begins_on(now.weekday());
        if self.from < self.to {
            return Some(today && (self.from..self.to).contains(&minute));
        }
        let since_yesterday = self.begins_on(now.weekday().previous()) && minute < self.to;
        Some(since_yesterday || (today && minute >= self.from))
    }

    fn begins_on(&self, day: Weekday) -> bool {
        let index = usize::try_from(day.to_monday_zero_offset()).ok();
        index.and_then(|index| self.days.get(index).copied()).unwrap_or_default()
    }
}

/// Names in another case are found too, but an operator reads what is written.
fn find(name: &str) -> Option<TimeZone> {
    if name == "UTC" {
        return Some(TimeZone::UTC);
    }
    TimeZone::get(name).ok().filter(|zone| zone.iana_name() == Some(name))
}

fn number(day: Day) -> usize {
    match day {
        Day::Mon => 0,
        Day::Tue => 1,
        Day::Wed => 2,
        Day::Thu => 3,
        Day::Fri => 4,
        Day::Sat => 5,
        Day::Sun => 6,
    }
}

/// `HH:MM` in its one spelling.
fn minute(text: &str) -> Option<Minute> {
    let (hours, minutes) = text.split_once(':')?;
    let minute =
        two_digits(hours)?.checked_mul(60)?.checked_add(two_digits(minutes).filter(|minutes| *minutes < 60)?)?;
    Some(minute).filter(|minute| *minute <= DAY)
}

fn two_digits(text: &str) -> Option<Minute> {
    let is_one = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_one { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> u64 {
        u64::try_from(text.parse::<Timestamp>().unwrap().as_second()).unwrap()
    }

    #[test]
    fn a_window_is_told_by_the_clock_on_the_wall() {
        let window = |days: &[Day], from, to, zone| Window::new(days, from, to, zone).unwrap();
        let office = window(&[Day::Mon, Day::Fri], "08:00", "18:00", "Europe/Berlin");
        let night = window(&[Day::Mon], "22:00", "06:00", "UTC");
        let whole = window(&[], "00:00", "24:00", "Asia/Kolkata");
        for (name, window, time, expected) in [
            ("summer: two hours ahead", &office, "2026-07-06T05:59:59Z", false),
            ("from is within", &office, "2026-07-06T06:00:00Z", true),
            ("winter: one hour ahead", &office, "2026-01-05T06:59:59Z", false),
            ("winter: from", &office, "2026-01-05T07:00:00Z", true),
            ("to is without", &office, "2026-07-06T16:00:00Z", false),
            ("the last second", &office, "2026-07-06T15:59:59Z", true),
            ("another day", &office, "2026-07-07T10:00:00Z", false),
            ("before the night", &night, "2026-07-06T21:59:59Z", false),
            ("the night", &night, "2026-07-06T22:00:00Z", true),
            ("the night after midnight", &night, "2026-07-07T05:59:00Z", true),
            ("the end of the night", &night, "2026-07-07T06:00:00Z", false),
            ("Monday's morning is Sunday's night", &night, "2026-07-06T03:00:00Z", false),
            ("a whole day", &whole, "2026-07-06T18:29:59Z", true),
        ] {
            assert_eq!(window.contains(at(time)), Some(expected), "{name}");
        }
        assert_eq!(office.contains(u64::MAX), None);
    }

    #[test]
    fn what_is_no_window_is_refused() {
        for (from, to, zone, place) in [
            ("8:00", "18:00", "UTC", "from"),
            ("24:00", "18:00", "UTC", "from"),
            ("08:60", "18:00", "UTC", "from"),
            ("+8:00", "18:00", "UTC", "from"),
            ("08:00", "24:01", "UTC", "to"),
            ("08:00", "00:00", "UTC", "to"),
            ("08:00", "08:00", "UTC", "to"),
            ("08:00", "18:00", "Europe/Berlim", "zone"),
            ("08:00", "18:00", "europe/berlin", "zone"),
            ("08:00", "18:00", "", "zone"),
            ("08:00", "18:00", "+02:00", "zone"),
        ] {
            assert_eq!(Window::new(&[], from, to, zone).map_err(|(place, _)| place), Err(place), "{from} {to} {zone}");
        }
    }
}
