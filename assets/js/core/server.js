// Where the server answers, seen from the browser.

const ROOT = new URL("../../../", import.meta.url)  // this file is js/<version>/core/server.js of it

/**
 * The whole address of one of the server's paths, also below a base path and behind a proxy that strips one.
 * @param {string} path such as "/api/runs/3f9a/history"
 * @returns {string}
 */
export function at(path) {
  return new URL(path.replace(/^\/+/, ""), ROOT).href
}
