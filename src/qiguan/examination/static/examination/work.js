// Does the form's work while it is being filled in, and says how far it is. Without it the ballot counts as 未核验.
"use strict";
const form = document.querySelector("form[data-work]");
if (form && window.Worker) {
  const says = form.querySelector("[data-work-says]"), worker = new Worker(form.dataset.worker);
  says.textContent = "正在核验，您先填。";
  worker.onmessage = ({ data }) => {
    form.elements.work.value = data;
    says.textContent = "已核验。";
    worker.terminate();
  };
  worker.postMessage({ key: form.dataset.work, bits: Number(form.dataset.bits) });
}
