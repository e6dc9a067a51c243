// The emoji shortcodes that this page knows; others stay as they are written.

const KNOWN = {
  white_check_mark: "✅", heavy_check_mark: "✔️", ballot_box_with_check: "☑️", x: "❌", warning: "⚠️", no_entry: "⛔",
  no_entry_sign: "🚫", rotating_light: "🚨", fire: "🔥", boom: "💥", bell: "🔔", no_bell: "🔕", lock: "🔒", unlock: "🔓", key: "🔑",
  hourglass: "⌛", hourglass_flowing_sand: "⏳", stopwatch: "⏱️", alarm_clock: "⏰", clock1: "🕐", calendar: "📆", repeat: "🔁",
  arrows_counterclockwise: "🔄", arrow_right: "➡️", arrow_left: "⬅️", arrow_up: "⬆️", arrow_down: "⬇️", rewind: "⏪",
  large_green_circle: "🟢", large_yellow_circle: "🟡", large_orange_circle: "🟠", red_circle: "🔴", large_blue_circle: "🔵",
  white_circle: "⚪", black_circle: "⚫", large_green_square: "🟩", large_yellow_square: "🟨", large_red_square: "🟥",
  white_large_square: "⬜", black_large_square: "⬛", tada: "🎉", rocket: "🚀", eyes: "👀", wave: "👋", pray: "🙏", "+1": "👍",
  thumbsup: "👍", "-1": "👎", thumbsdown: "👎", raised_hand: "✋", point_right: "👉", bulb: "💡", memo: "📝", pencil: "📝",
  clipboard: "📋", floppy_disk: "💾", package: "📦", gear: "⚙️", wrench: "🔧", hammer_and_wrench: "🛠️", mag: "🔍", link: "🔗",
  shield: "🛡️", bust_in_silhouette: "👤", busts_in_silhouette: "👥", question: "❓", grey_question: "❔", exclamation: "❗",
  information_source: "ℹ️", heart: "❤️", smile: "😄", slightly_smiling_face: "🙂", thinking_face: "🤔", file_cabinet: "🗄️",
  card_file_box: "🗃️", zap: "⚡", octagonal_sign: "🛑", construction: "🚧", broken_heart: "💔", bar_chart: "📊", star: "⭐",
};

/** Replace the shortcodes that are known. */
export const emoji = (text) => text.replace(/:([a-z0-9_+-]+):/g, (whole, name) => (Object.hasOwn(KNOWN, name) ? KNOWN[name] : whole));
