import { readConfigFile } from "./file.ts";
import { type LoadResult, noFile, type SettledInputs, settleConfig } from "./settle.ts";

/** Everything a configuration is made of, already read. */
export interface ConfigInputs extends SettledInputs {
  /** The text of the file; absent: there is none. */
  readonly fileText?: string | undefined;
  /** Its name, for messages. */
  readonly filePath?: string | undefined;
}

/** As `settleConfig`, with what the file says. Brings the YAML parser with it, so it is imported where there is a file. */
export function loadConfig({ fileText, filePath = "configuration", ...inputs }: ConfigInputs): LoadResult {
  return settleConfig(inputs, fileText === undefined ? noFile : readConfigFile(fileText, filePath));
}
