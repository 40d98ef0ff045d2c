// One server at a glance: its numbers, what it refuses, what was explained, what happened, and its DTLS.
import { html } from 'htm/preact/standalone';
import { bytes, clockSeconds, count, dateAndClock, duration } from './format.js';
import { Card, Facts, Tiles } from './parts.js';
import { hrefOf } from './route.js';
import { Table } from './table.js';

export function viewOf({ serverId }) {
  return { section: 'overview', server: serverId };
}

let before;

/** Adds how much counters grow in a second. */
export function take(message) {
  const nowMs = performance.now();
  const old = before?.server === message.server ? before : undefined;
  const rates = new Map();
  for (const { name, value, isCounter } of message.numbers) {
    const last = old?.values.get(name);
    if (isCounter && last !== undefined && nowMs - old.nowMs > 200)
      rates.set(name, ((value - last) * 1000) / (nowMs - old.nowMs));
  }
  before = {
    server: message.server,
    nowMs,
    values: new Map(message.numbers.map(({ name, value }) => [name, value])),
  };
  return { ...message, rates };
}

/** What is told of a number's growth. */
function rateText({ name, unit }, rates) {
  const rate = rates.get(name);
  if (rate === undefined || rate <= 0) return undefined;
  return unit === 'bytes'
    ? `${bytes(rate)}/s`
    : `${count(rate >= 10 ? Math.round(rate) : Math.round(rate * 10) / 10)}/s`;
}

const OF = { refusal: 'the server', drop: 'the ENet host', dtls: 'DTLS', end: 'the end of connections' };

export function Section({ place, message, status }) {
  if (message === undefined) return html`<p class="empty">Waiting for the server…</p>`;
  const { numbers, counts, diagnoses, events, dtls } = message;
  const { server } = place;
  return html`
    <${Tiles} label=${`${server.name} at a glance`} tiles=${[
      [
        'state',
        server.isActive ? (server.acceptsPeers === false ? 'takes no new peers' : 'active') : 'stopped',
        !server.isActive,
      ],
      ['class', server.class],
      ['port', server.port],
      ['peers', count(server.peers)],
      ['authenticated', count(server.authenticated)],
      ['rooms', count(server.rooms)],
      [
        'event-loop delay',
        `${status.process.loopDelayMs.toFixed(1)} ms`,
        status.process.loopDelayMs > SLOW_MS,
      ],
    ]} />
    <div class="columns">
      <${Card} title="Refused and dropped"><${Table} label="Refused and dropped" rows=${[...counts].sort((a, b) => b.times - a.times)}
        keyOf=${({ of, reason }) => `${of} ${reason}`} empty="Nothing was refused." columns=${COUNT_COLUMNS} /><//>
      <${Card} title="Events, the latest first"><${Events} events=${events} server=${server.id} /><//>
    </div>
    <${Card} title="Diagnoses, the latest first"><${Diagnoses} diagnoses=${diagnoses} server=${server.id} /><//>
    <${Card} title="Numbers"><${Table} label="Numbers" rows=${numbers.filter(({ name }) => !SHOWN_ABOVE.test(name))} keyOf=${({ name }) => name}
      empty="It counts nothing." columns=${numberColumns(message.rates)} /><//>
    ${dtls !== undefined && html`<${Dtls} dtls=${dtls} nowMs=${status.nowMs} />`}
  `;
}

const COUNT_COLUMNS = [
  { name: 'reason', kind: 'head', cell: ({ reason }) => html`<span class="drop">${reason}</span>` },
  { name: 'times', kind: 'number', cell: ({ times }) => count(times) },
  { name: 'by', kind: 'tight', cell: ({ of }) => OF[of] ?? of },
  {
    name: 'what it means',
    kind: 'wide',
    cell: ({ text, latestMs }) =>
      `${text}${latestMs === undefined ? '' : ` (latest ${clockSeconds(latestMs)})`}`,
  },
];

/** A process that is this late is busy. */
const SLOW_MS = 50;
/** Numbers that stand in the glance. */
const SHOWN_ABOVE = /^(?:up|accepting|peers|authenticatedPeers|rooms|dtlsCertificate.*)$/;

function numberColumns(rates) {
  return [
    { name: 'number', kind: 'head', cell: ({ name }) => wordsOf(name) },
    {
      name: 'value',
      kind: 'number',
      cell: (number) => html`<span class=${isBad(number) ? 'drop' : ''}>${numberText(number)}</span>`,
    },
    { name: 'now', kind: 'number', cell: (number) => rateText(number, rates) },
    { name: 'what it is', kind: 'wide', cell: ({ label }) => html`<span class="why">${label}</span>` },
  ];
}

/** `callsReceived` as words, without the unit that stands behind the value. */
export function wordsOf(name) {
  return name.replace(/Seconds$/, '').replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** Numbers that are never other than zero where all is well. */
const BAD = /refus|fail|error|lost|fence|outage|dropp|skipp/i;

function isBad({ name, value }) {
  return value > 0 && BAD.test(name);
}

const YES_OR_NO = new Set(['up', 'accepting', 'fenced', 'busUp']);

/** A number of the protocol with its unit. */
export function numberText({ name, value, unit }) {
  if (YES_OR_NO.has(name)) return value === 0 ? 'no' : 'yes';
  if (unit === 'bytes') return bytes(value);
  if (unit === 'ms') return `${count(Math.round(value * 10) / 10)} ms`;
  if (unit === 'seconds') return duration(value * 1000);
  if (unit === 'percent') return `${(Math.round(value * 10) / 10).toFixed(1)} %`;
  return count(Math.round(value * 100) / 100);
}

/** What was explained, the latest first. */
export function Diagnoses({ diagnoses, server }) {
  return html`<${Table} label="Diagnoses" rows=${diagnoses.toReversed()} keyOf=${({ timeMs, code, peer, text }) => `${timeMs} ${code} ${peer} ${text}`}
    empty="Nothing had to be explained." columns=${[
      { name: 'time', kind: 'tight', cell: ({ timeMs }) => clockSeconds(timeMs) },
      { name: 'code', kind: 'tight', cell: ({ code }) => html`<span class="drop">${code}</span>` },
      { name: 'who', kind: 'tight', cell: (row) => html`<${Who} row=${row} server=${server} />` },
      {
        name: 'what was seen, and what helps',
        kind: 'wide',
        cell: ({ text, help }) => html`${text}${help !== undefined && html`<div class="why">${help}</div>`}`,
      },
    ]} />`;
}

/** What happened, the latest first. */
export function Events({ events, server }) {
  return html`<div class="low"><${Table} label="Events" rows=${events.toReversed()} keyOf=${({ timeMs, kind, peer, text }) => `${timeMs} ${kind} ${peer} ${text}`}
    empty="Nothing has happened yet." columns=${[
      { name: 'time', kind: 'tight', cell: ({ timeMs }) => clockSeconds(timeMs) },
      {
        name: 'kind',
        kind: 'tight',
        cell: ({ kind }) => html`<span class=${kind === 'dropped' ? 'drop' : ''}>${kind}</span>`,
      },
      { name: 'who', kind: 'tight', cell: (row) => html`<${Who} row=${row} server=${server} />` },
      { name: 'what', kind: 'wide', cell: ({ text }) => text },
    ]} /></div>`;
}

function Who({ row: { peer, address }, server }) {
  if (peer === undefined) return address ?? '';
  return html`<a href=${hrefOf('peers', peer, { server })}>${peer}</a>`;
}

function Dtls({ dtls: { certificate, suites, isSinceStart, numbers }, nowMs }) {
  return html`<${Card} title="DTLS"><${Facts} facts=${[
    [
      'certificate valid until',
      certificate && html`<${Expiry} ms=${certificate.validToMs} nowMs=${nowMs} />`,
    ],
    ...suites.map(({ suite, sessions }) => [
      suite,
      `${count(sessions)} ${isSinceStart ? 'sessions since the start' : 'sessions now'}`,
    ]),
    ...numbers.map((number) => [number.label, numberText(number)]),
  ]} /><//>`;
}

/** Days in which an operator should have had a new certificate made. */
const SOON_DAYS = 14;

function Expiry({ ms, nowMs }) {
  const days = Math.floor((ms - nowMs) / 86_400_000);
  return html`<span class=${days < SOON_DAYS ? 'drop' : ''}>${dateAndClock(ms)} (${days < 0 ? 'expired' : `${count(days)} days left`})</span>`;
}
