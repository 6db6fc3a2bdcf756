// Opens reports of `trailhound scan --html` in headless Chromium and clicks through them.
//
//   node tests/browser/report.mjs ORDINARY.html HOSTILE.html [FOLDER-FOR-SCREENSHOTS]
//
// Needs the package `puppeteer-core` where Node.js finds it, and the browser that CHROMIUM names; without one
// the package `@sparticuz/chromium`, which brings it.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import path from "node:path";

const load = async (name) => {
  // From the folder where somebody installed the packages, else from where Node.js looks.
  const root = process.env.TRAILHOUND_BROWSER_PACKAGES ?? process.cwd();
  const module = await import(pathToFileURL(createRequire(path.join(root, "x.js")).resolve(name)));
  return module.default ?? module;
};
const puppeteer = await load("puppeteer-core");
const [ordinary, hostile, folder] = process.argv.slice(2);
const chosen = async () => {
  if (process.env.CHROMIUM) return { executablePath: process.env.CHROMIUM, args: [], headless: true };
  const chromium = await load("@sparticuz/chromium");
  return { executablePath: await chromium.executablePath(), args: chromium.args, headless: "shell" };
};
const { args, ...settings } = await chosen();
// Its sandbox is not to be had by root and in most containers; the pages are ours.
const browser = await puppeteer.launch({ ...settings, args: [...args, "--no-sandbox", "--disable-quic"] });

const PHONE = { width: 390, height: 844, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };
const DESK = { width: 1280, height: 900 };

async function open(file, { viewport = DESK, scheme = "light", script = true } = {}) {
  const page = await browser.newPage();
  const faults = [];
  const requests = [];
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && faults.push(message.text()));
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("dialog", (dialog) => faults.push(`dialog: ${dialog.message()}`));
  page.on("request", (request) => requests.push(request.url()));
  await page.setViewport(viewport);
  await page.setJavaScriptEnabled(script);
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  await page.goto(pathToFileURL(path.resolve(file)).href);
  return { page, faults, requests };
}

async function shoot(page, name, fullPage = true) {
  if (folder) await page.screenshot({ path: path.join(folder, `${name}.png`), fullPage });
}

const visible = (page, selector) =>
  page.$$eval(selector, (all) => all.filter((one) => one.checkVisibility()).length);

// An ordinary report: looks right, filters, searches, drills down.
{
  const { page, faults, requests } = await open(ordinary);
  const all = await visible(page, ".rule");
  assert.ok(all > 3, "there are rules");
  await shoot(page, "light");
  await page.$eval(".rule > summary", (summary) => summary.click());
  assert.ok((await visible(page, ".rule[open] .hit")) > 0, "a rule shows its evidence");
  await page.$eval(".rule[open] .hit > summary", (summary) => summary.click());
  await (await page.$(".rule[open]")).scrollIntoView();
  await shoot(page, "open", false);
  await page.click("#close");
  await page.type("#words", "stoplogging");
  const found = await visible(page, ".rule");
  assert.ok(found > 0 && found < all, `the search narrows ${all} rules to ${found}`);
  await page.$eval("#words", (input) => { input.value = ""; input.dispatchEvent(new Event("input", { bubbles: true })); });
  await page.click('input[value="high"]');
  assert.equal(await visible(page, '.rule[data-level="high"]'), 0, "a level can be left out");
  assert.ok((await visible(page, ".rule")) > 0);
  await page.click("#open");
  assert.ok((await visible(page, ".hit")) > 1, "all that is left can be opened");
  await page.type("#words", "zebra crossing");
  assert.ok(await page.$eval("#none", (none) => none.checkVisibility()), "it says that nothing is left");
  assert.deepEqual(faults, []);
  assert.equal(requests.length, 1, `nothing but the page is asked for: ${requests}`);
}

for (const [name, settings] of [["dark", { scheme: "dark" }], ["phone", { viewport: PHONE }]]) {
  const { page, faults } = await open(ordinary, settings);
  const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(content <= window, `${name}: nothing sticks out: ${content} of ${window}`);
  const broken = await page.$$eval(".tactic summary b", (counts) => counts.map((count) => {
    const letters = document.createRange();
    letters.selectNodeContents(count);
    return { text: count.textContent, lines: letters.getClientRects().length };
  }).filter(({ lines }) => lines > 1));
  assert.deepEqual(broken, [], `${name}: a number stays in one line`);
  await shoot(page, name);
  assert.deepEqual(faults, []);
}

// Without scripts: tables and evidence are there, the filter is not.
{
  const { page } = await open(ordinary, { script: false });
  const html = await page.content();
  assert.match(html, /<form id="filter"[^>]* hidden/);
  assert.equal(await visible(page, ".hit"), 0);
  await (await page.$(".rule > summary")).click();
  assert.ok((await visible(page, ".rule[open] .hit")) > 0, "a rule shows its evidence");
  await shoot(page, "without-script");
}

// A hostile report: nothing of it runs or loads, all of it can be read.
{
  const { page, faults, requests } = await open(hostile, { viewport: PHONE });
  await page.$$eval("details", (all) => all.forEach((one) => { one.open = true; }));
  const state = await page.evaluate(() => ({
    pwned: window.pwned,
    scripts: document.scripts.length,
    styles: document.querySelectorAll("style").length,
    images: document.images.length,
    handlers: [...document.querySelectorAll("*")].flatMap((one) => one.getAttributeNames()).filter((name) => name.startsWith("on")),
    links: [...document.links].map((link) => link.protocol),
    text: document.body.innerText,
    wide: document.documentElement.scrollWidth > innerWidth,
  }));
  await shoot(page, "hostile");
  assert.equal(state.pwned, undefined);
  assert.deepEqual([state.scripts, state.styles, state.images, state.handlers, state.wide], [1, 1, 0, [], false]);
  assert.ok(state.links.every((protocol) => protocol === "https:"), `${state.links}`);
  assert.ok(state.text.includes("<script>window.pwned=1</script>"), "what was written can be read");
  assert.ok(!/[\u0000\u202e\u2066\u2028]/.test(state.text), "nothing turns the text round");
  assert.ok(!state.text.includes("AbCdEfGhIjKl") && !state.text.includes("hunter2"), "secrets are masked");
  assert.deepEqual(faults, []);
  assert.equal(requests.length, 1);
}

await browser.close();
console.log("the report works in a browser");
