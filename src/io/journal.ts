import { destination as openDestination, pino } from "pino";
import type { Journal } from "../ports.ts";
import { redactField } from "./redact.ts";

type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

export interface JournalOptions {
  readonly level: LogLevel;
  /** `json`: one object a line; `text`: for people. */
  readonly format: "json" | "text";
  /** Where lines go; absent: standard error, written at once so that none is lost when the process ends. */
  readonly destination?: { write(line: string): unknown };
}

/** The `Journal` port over pino. Every field goes through `redactField`; the journal never throws and never waits. */
export function createJournal(options: JournalOptions): Journal {
  const { level, format } = options;
  const lines = options.destination ?? openDestination({ fd: 2, sync: true });
  const logger = pino(
    {
      level,
      base: null,
      messageKey: "message",
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: named },
    },
    { write: (line: string) => lines.write(format === "text" ? renderLine(line) : line) },
  );
  const at = (name: Exclude<LogLevel, "silent">) => (message: string, fields?: Readonly<Record<string, unknown>>) => {
    if (logger.isLevelEnabled(name)) logger[name](redactFields(fields), message);
  };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

function named(label: string): { level: string } {
  return { level: label };
}

/** Names pino gives a line itself: a field of that name gets an underscore rather than a second meaning. */
const taken: ReadonlySet<string> = new Set(["level", "time", "message"]);

function redactFields(fields: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [taken.has(name) ? `${name}_` : name, redactField(name, value)]),
  );
}

/** `12:30:05 WARN  message  name=value other="with space"`, time in UTC. */
function renderLine(line: string): string {
  const { time, level, message, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const clock = String(time).slice(11, 19);
  const rest = Object.entries(fields).map(([name, value]) => `  ${name}=${renderValue(value)}`);
  return `${clock} ${String(level).toUpperCase().padEnd(5)} ${oneLine(String(message))}${rest.join("")}\n`;
}

function renderValue(value: unknown): string {
  if (typeof value === "string" && /^[^\s"=]+$/.test(value)) return oneLine(value);
  return JSON.stringify(value);
}

/** Line ends and control characters would let a message pass for several lines or move the cursor. */
function oneLine(text: string): string {
  return text.replace(/\p{Cc}/gu, " ");
}
