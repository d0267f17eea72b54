// SPDX-License-Identifier: LGPL-2.1-or-later
// Test cases in GJS, reported as TAP: test(name, function or async function)…, then await run().
import GLib from 'gi://GLib';
import System from 'system';

const cases = [];
let thrown = [];

export function test(name, body) {
    cases.push({name, body});
}

// GJS only logs what a signal handler throws: this keeps it for the case to fail with.
export function guarded(handler) {
    return (...args) => {
        try {
            return handler(...args);
        } catch (error) {
            thrown.push(error);
            return undefined;
        }
    };
}

export function assert(condition, message = 'not true') {
    if (!condition)
        throw new Error(message);
}

export function assertEqual(actual, expected, what = '') {
    const [a, e] = [actual, expected].map(value => JSON.stringify(value,
        (_key, part) => typeof part === 'bigint' ? `${part}n` : part));
    assert(a === e, `${what}${what && ': '}${a} is not ${e}`);
}

export function assertMatch(text, pattern) {
    assert(pattern.test(text), `'${text}' does not match ${pattern}`);
}

export function assertThrows(body, domain, code) {
    try {
        body();
    } catch (error) {
        assert(error instanceof GLib.Error && error.matches(domain, code), `threw ${error}`);
        return error;
    }
    throw new Error('nothing was thrown');
}

export async function run() {
    let failed = false;
    print(`1..${cases.length}`);
    for (const [index, {name, body}] of cases.entries()) {
        thrown = [];
        try {
            await body();
            if (thrown.length > 0)
                throw thrown[0];
            print(`ok ${index + 1} - ${name}`);
        } catch (error) {
            failed = true;
            print(`not ok ${index + 1} - ${name}`);
            print(`${error}\n${error.stack ?? ''}`.trim().replace(/^/gm, '# '));
        }
    }
    System.exit(failed ? 1 : 0);
}
