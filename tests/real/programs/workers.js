// SPDX-License-Identifier: LGPL-2.1-or-later
const { Worker, isMainThread, parentPort, workerData } = require('worker_threads');

if (isMainThread) {
  const results = [];

  for (let i = 0; i < 4; i++) {
    const worker = new Worker(__filename, { workerData: i });

    worker.on('message', message => results.push(message));
    worker.on('exit', code => {
      results.push(code);
      if (results.length === 8)
        console.log(results.sort().join());
    });
  }
} else {
  let sum = 0;

  for (let i = 0; i < 100000; i++)
    sum += i * workerData;
  parentPort.postMessage(workerData + ':' + sum);
}
