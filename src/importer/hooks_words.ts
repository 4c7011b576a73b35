/** What is expected of `hooks`. */
export const A_HOOKS_FILE = "a file beside the definition, such as ./customers.hooks.js";
export const A_HOOK_TIME = "a time from 1s to 1h, such as 10s";
