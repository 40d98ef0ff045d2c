// The question before something is done, the results, and the form for the token.
import { html, useEffect, useRef, useState } from 'htm/preact/standalone';
import { logIn } from './link.js';
import { forget, state } from './store.js';

/** The open question, as a dialog that holds the focus. */
export function Question({ question }) {
  const dialog = useRef();
  useEffect(() => {
    const before = document.activeElement;
    dialog.current.showModal();
    return () => before?.isConnected && before.focus();
  }, []);
  const { title, text, fields, button, isGrave, answer } = question;
  const submit = (event) => {
    event.preventDefault();
    answer(Object.fromEntries(new FormData(event.target)));
  };
  return html`<dialog ref=${dialog} aria-labelledby="question" onCancel=${(event) => {
    event.preventDefault();
    answer(undefined);
  }}>
    <form onSubmit=${submit}>
      <h2 id="question">${title}</h2>
      ${text !== undefined && html`<p>${text}</p>`}
      ${fields.map((field) => html`<${Field} key=${field.name} field=${field} />`)}
      <div class="actions">
        <button type="button" onClick=${() => answer(undefined)}>Cancel</button>
        <button type="submit" class=${isGrave ? 'grave' : 'main'}>${button}</button>
      </div>
    </form>
  </dialog>`;
}

function Field({ field: { name, label, type = 'text', value = '', options, required, hint, max, min } }) {
  const list = options !== undefined && type === 'text' ? `list-${name}` : undefined;
  return html`<label class="field"><span>${label}</span>${
    type === 'area'
      ? html`<textarea name=${name} rows="4" maxlength=${max} required=${required} defaultValue=${value}></textarea>`
      : type === 'select'
        ? html`<select name=${name} required=${required}>${options.map(
            (option) =>
              html`<option value=${option.value} selected=${option.value === value}>${option.label}</option>`,
          )}</select>`
        : html`<input name=${name} type=${type} list=${list} required=${required} autocomplete="off" defaultValue=${value}
            maxlength=${type === 'text' ? max : undefined} max=${type === 'number' ? max : undefined} min=${min} placeholder=${hint} />`
  }${
    list !== undefined &&
    html`<datalist id=${list}>${options.map((option) => html`<option value=${option.value}>${option.label}</option>`)}</datalist>`
  }</label>`;
}

/** What came of actions: read out by screen readers as it comes. */
export function Results() {
  return html`<div class="results" role="status" aria-live="polite" aria-label="Results">${state.results.map(
    ({ id, text, isBad }) => html`<div key=${id} class=${isBad ? 'result bad' : 'result'}>
      <span>${isBad ? 'Not done: ' : ''}${text}</span>
      <button type="button" class="plain" aria-label="Close this message" onClick=${() => forget(id)}>✕</button>
    </div>`,
  )}</div>`;
}

/** Asks for the token. */
export function Login({ title }) {
  const [problem, setProblem] = useState('');
  const [isBusy, setBusy] = useState(false);
  const submit = async (event) => {
    event.preventDefault();
    setBusy(true);
    setProblem('');
    try {
      await logIn(new FormData(event.target).get('token'));
    } catch (error) {
      setProblem(error.message);
    } finally {
      setBusy(false);
    }
  };
  return html`<main class="login" id="main">
    <form class="card" onSubmit=${submit}>
      <h1>${title}</h1>
      <p class="why">This console asks for the token that its server was started with.</p>
      <label class="field"><span>Token</span>
        <input name="token" type="password" required autocomplete="current-password" aria-describedby="problem" />
      </label>
      <p id="problem" class="drop" role="alert">${problem}</p>
      <div class="actions"><button type="submit" class="main" disabled=${isBusy}>Log in</button></div>
    </form>
  </main>`;
}
