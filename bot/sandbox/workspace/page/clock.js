// Moments in the zone of the person at the screen, as Slack writes them.

const DAY_MS = 86_400_000;
const made = new Map();

/** A formatter is dear to make and used for every message, so each is kept. */
function formatter(locale, tz, options) {
  const key = JSON.stringify([locale, tz, options]);
  if (!made.has(key)) made.set(key, new Intl.DateTimeFormat(locale, { timeZone: tz, ...options }));
  return made.get(key);
}

const format = (at, tz, options) => formatter("en-GB", tz, options).format(at);
const parts = (at, tz, options) => Object.fromEntries(formatter("en-US", tz, options).formatToParts(at).map((each) => [each.type, each.value]));

export const time = (at, tz) => format(at, tz, { hour: "2-digit", minute: "2-digit" });
const seconds = (at, tz) => format(at, tz, { hour: "2-digit", minute: "2-digit", second: "2-digit" });

/** 2026-11-23 */
export function isoDay(at, tz) {
  const { year, month, day } = parts(at, tz, { year: "numeric", month: "2-digit", day: "2-digit" });
  return `${year}-${month}-${day}`;
}

/** Today, Yesterday, or the day in words: the line between two days of messages. */
export function dayLine(at, tz) {
  const near = nearDay(at, tz);
  return near ? near[0].toUpperCase() + near.slice(1) : format(at, tz, { weekday: "long", day: "numeric", month: "long" });
}

function nearDay(at, tz) {
  const names = [["yesterday", -1], ["today", 0], ["tomorrow", 1]];
  return names.find(([, days]) => isoDay(new Date(Date.now() + days * DAY_MS), tz) === isoDay(at, tz))?.[0];
}

function ordinal(day) {
  const number = Number(day);
  const ending = number % 100 >= 11 && number % 100 <= 13 ? "th" : ["th", "st", "nd", "rd"][number % 10] ?? "th";
  return `${number}${ending}`;
}

function dates(at, tz) {
  const long = parts(at, tz, { weekday: "long", month: "long", day: "numeric", year: "numeric" });
  const short = parts(at, tz, { month: "short", day: "numeric", year: "numeric" });
  const date = `${long.month} ${ordinal(long.day)}, ${long.year}`;
  return { date, date_long: `${long.weekday}, ${date}`, date_short: `${short.month} ${short.day}, ${short.year}` };
}

function ago(at) {
  const words = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  const gone = (at - Date.now()) / 1000;
  const units = [["day", 86_400], ["hour", 3600], ["minute", 60], ["second", 1]];
  const [unit, size] = units.find(([, each]) => Math.abs(gone) >= each) ?? units.at(-1);
  return words.format(Math.round(gone / size), unit);
}

/** Fill the tokens of `<!date^epoch^format>`; null if the moment or a token is not one of Slack's. */
export function slackDate(epoch, text, tz) {
  const at = new Date(Number(epoch) * 1000);
  if (Number.isNaN(at.getTime())) return null;
  const day = dates(at, tz);
  const near = nearDay(at, tz);
  const tokens = {
    ...day,
    date_num: isoDay(at, tz),
    date_slash: isoDay(at, tz).replaceAll("-", "/"),
    date_pretty: near ?? day.date,
    date_short_pretty: near ?? day.date_short,
    date_long_pretty: near ?? day.date_long,
    time: time(at, tz),
    time_secs: seconds(at, tz),
    ago: ago(at),
  };
  let known = true;
  const written = text.replace(/\{(\w+)\}/g, (whole, token) => {
    known &&= token in tokens;
    return tokens[token] ?? whole;
  });
  return known ? written : null;
}

/** The epoch in seconds of a wall clock reading ("2026-11-23T10:00") in a zone. */
export function epochOf(local, tz) {
  const wanted = Date.parse(`${local}Z`);
  const once = wanted - offset(wanted, tz);
  return (wanted - offset(once, tz)) / 1000;
}

/** The wall clock reading of an epoch in seconds, as a datetime-local input takes it. */
export function localOf(epoch, tz) {
  const at = epoch * 1000;
  return new Date(at + offset(at, tz)).toISOString().slice(0, 16);
}

function offset(at, tz) {
  const shape = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
  const { year, month, day, hour, minute, second } = parts(at, tz, shape);
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000;
}
