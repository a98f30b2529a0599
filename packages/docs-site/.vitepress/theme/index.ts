import { inBrowser, type Theme } from 'vitepress';
import DefaultTheme from 'vitepress/theme-without-fonts';
import { h } from 'vue';
import './house.css';

const apiReference = '/docs/api';

/** Pages of the server that are not pages of this site: `target` keeps its router away from them. */
const otherPlaces = () =>
  h('div', { class: 'other-places' }, [
    h('a', { href: apiReference, target: '_self' }, 'API reference'),
    h('a', { href: '/', target: '_self' }, 'Console'),
  ]);

export default {
  extends: DefaultTheme,
  Layout: () =>
    h(DefaultTheme.Layout, null, { 'nav-bar-content-after': otherPlaces, 'nav-screen-content-after': otherPlaces }),
  enhanceApp() {
    // The API reference was at this site's address. Its links to a call look like `#/Requests/submit`.
    if (inBrowser && location.hash.startsWith('#/')) location.replace(apiReference + location.hash);
  },
} satisfies Theme;
