/// The look of a report: quiet, readable in light and dark, and fit to be printed.
enum ReportStyle {
  static let css = """
    :root {
      --paper: #fbfbfa; --card: #ffffff; --ink: #1c1f24; --soft: #5d6470; --line: #e3e4e8;
      --accent: #9a6200; --warn-paper: #fff4dc; --warn-line: #e2a72e;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --paper: #14161a; --card: #1c1f25; --ink: #e8eaed; --soft: #9aa1ad; --line: #2d313a;
        --accent: #ffc440; --warn-paper: #33290f; --warn-line: #b98a1f;
      }
    }
    * { box-sizing: border-box; }
    body {
      margin: 0; background: var(--paper); color: var(--ink);
      font: 16px/1.55 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif;
    }
    main { max-width: 72rem; margin: 0 auto; padding: 3rem 1.5rem 4rem; }
    header { border-bottom: 1px solid var(--line); margin-bottom: 2rem; }
    h1 { font-size: 2rem; line-height: 1.2; letter-spacing: -0.01em; margin: 0 0 .4rem; }
    header p { color: var(--soft); margin: 0 0 1.4rem; overflow-wrap: anywhere; }
    .danger {
      display: inline-block; color: #14161a; background: #ffc440; border-radius: 3px; padding: .08rem .5rem;
      margin-bottom: 1.2rem; font-size: .8rem; font-weight: 650;
    }
    h2 { font-size: 1.05rem; margin: 0 0 .8rem; }
    section { margin: 0 0 2.5rem; }
    .warnings {
      background: var(--warn-paper); border-left: 4px solid var(--warn-line);
      border-radius: 4px; padding: 1rem 1.25rem;
    }
    .warnings h2 { margin-bottom: .3rem; }
    .warnings ul { margin: 0; padding-left: 1.2rem; overflow-wrap: anywhere; }
    .headline {
      display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: 1px;
      margin: 0 0 2.5rem; background: var(--line); border: 1px solid var(--line);
      border-radius: 8px; overflow: hidden;
    }
    .headline div { background: var(--card); padding: .9rem 1.1rem; }
    .headline dt { color: var(--soft); font-size: .82rem; }
    .headline dd {
      margin: 0; font-size: 1.5rem; font-weight: 600; font-variant-numeric: tabular-nums;
    }
    .headline .beside { font-size: .8rem; font-weight: 400; color: var(--soft); }
    figure { margin: 0; }
    svg { display: block; width: 100%; max-width: 46rem; height: auto; }
    svg text { fill: var(--soft); font-size: 12px; }
    svg .axis { stroke: var(--line); fill: none; }
    img { display: block; max-width: 100%; height: auto; border-radius: 8px; }
    figcaption, .note { color: var(--soft); font-size: .88rem; margin: .6rem 0 0; }
    .scroll { overflow-x: auto; }
    table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
    th, td { padding: .45rem .8rem .45rem 0; border-bottom: 1px solid var(--line); }
    th { text-align: left; font-weight: 500; }
    thead th { color: var(--soft); font-size: .82rem; }
    td, thead th:not(:first-child) { text-align: right; padding: .45rem 0 .45rem .8rem; }
    th button { font: inherit; color: inherit; background: none; border: 0; padding: 0; text-align: inherit; cursor: pointer; }
    .sortable tbody th { white-space: nowrap; }
    th button:hover, th .opens { color: var(--ink); text-decoration: underline dotted; }
    th button:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
    th[aria-sort] { color: var(--ink); }
    th[aria-sort="ascending"] button::after { content: " \\2191"; }
    th[aria-sort="descending"] button::after { content: " \\2193"; }
    .columns {
      display: grid; grid-template-columns: repeat(auto-fit, minmax(20rem, 1fr)); gap: 0 3rem;
    }
    .facts {
      display: grid; grid-template-columns: fit-content(55%) 1fr; gap: .3rem 1.2rem; margin: 0;
    }
    .facts dt { color: var(--soft); overflow-wrap: anywhere; }
    .facts dd { margin: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
    .notes { border-top: 1px solid var(--line); padding-top: 1.5rem; color: var(--soft); }
    .notes h2 { color: var(--ink); }
    .notes ul { margin: 0; padding-left: 1.2rem; font-size: .92rem; }
    footer { color: var(--soft); font-size: .82rem; }
    @media print {
      :root { --paper: #fff; --card: #fff; --ink: #000; --soft: #444; --line: #ccc; }
      main { max-width: none; padding: 0; }
      section, figure { break-inside: avoid; }
    }
    """
}
